#pragma once
/*
 * The hosts that HTTP messages go to, and how many requests may be open to each: its window.
 * The window grows by one with every success and halves with every 429, 5xx and timeout.
 * Several failures in a row close it: the host rests, longer each time, and then one request
 * finds out whether it is back. One request also finds out whether a silent host is. Pure: time
 * is a parameter, us on any clock.
 *
 * Hosts that have no open request and no recipient waiting make room for others, the one used
 * longest ago first.
 *
 *     struct host *host = hosts_of(&hosts, "https://hooks.example/x", now);
 *     int64_t wait;
 *     if (host_may_begin(host, now, &wait)) {
 *         host_begin(host, now);
 *         ...
 *         host_end(host, HOST_WELL, 0, later);
 *     }
 */
#include <stdbool.h>
#include <stdint.h>

enum {
    HOSTS = 8192,
    HOST_WINDOW_FIRST = 8,
    HOST_WINDOW_MAX = 64,
    HOST_PATIENCE = 3,
    HOST_NAMES = 64
};

/* A host is silent when it has open requests and has not answered for so long. */
#define HOST_SILENT INT64_C(1000000)
/* A message to a silent or failing host that has no room is put off for so long. */
#define HOST_PUT_OFF INT64_C(5000000)
#define HOST_REST_FIRST INT64_C(5000000)
#define HOST_REST_MAX INT64_C(300000000)

struct recipient;

struct host {
    uint64_t key; /* 0: unused */
    int window, active;
    int failures; /* in a row */
    bool proven;  /* it has answered at least once */
    int64_t rests_until;
    int64_t heard_at; /* of its last answer, or since when it has open requests */
    int64_t used_at;
    int channel;           /* the caller's: of the last message to the host */
    char name[HOST_NAMES]; /* "host:port" as written, cut */
    /* host_queue.h's: the recipients that wait for room, and the next host with any. */
    struct recipient *waits, *waits_last;
    struct host *following;
    bool listed;
};

struct hosts {
    unsigned char secret[16]; /* of the keys, so that no client can choose its neighbours */
    struct host *at;
};

void hosts_init(struct hosts *hosts);
void hosts_release(struct hosts *hosts);

/* The host of an http(s) URL, port included. Never NULL; valid until the next call with
 * another URL, and while it has an open request or a recipient that waits for it. */
struct host *hosts_of(struct hosts *hosts, const char *url, int64_t now);

/* Its last request failed: it may be gone. */
bool host_is_doubted(const struct host *host);

/* May another request begin? If not, *ret_wait is for how long to put the message off, us;
 * 0: there will be room in a moment. */
bool host_may_begin(const struct host *host, int64_t now, int64_t *ret_wait);
void host_begin(struct host *host, int64_t now);

enum host_answer {
    HOST_WELL,   /* it answered, even if it refused the message */
    HOST_BADLY,  /* 429, 5xx, or no answer */
    HOST_NOTHING /* the request was never made */
};
/* retry_after: us that the host asked for, or 0. */
void host_end(struct host *host, enum host_answer answer, int64_t retry_after, int64_t now);
