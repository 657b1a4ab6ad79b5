#ifndef NOTIFIER_HTTP_HOSTS_H
#define NOTIFIER_HTTP_HOSTS_H
/*
 * What we know of the hosts that HTTP messages go to: how many requests each may have
 * open at once, and which of them rest because they do not answer. A window grows with
 * every success and halves with every 429, 5xx and timeout; several failures in a row
 * make a host rest, longer each time. Pure: time is a parameter, us on any clock.
 * Of the hosts that have nothing open and that nobody waits for the longest unused make room
 * for others.
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

/* A host that has requests open and was not heard of for so long has no room to wait for. */
#define HOST_SILENT INT64_C(1000000)
/* What a silent or failing host has no room for is put off for so long. */
#define HOST_PUT_OFF INT64_C(5000000)
#define HOST_REST_FIRST INT64_C(5000000)
#define HOST_REST_MAX INT64_C(300000000)

struct recipient;

struct host {
    uint64_t key; /* 0: nobody's */
    int window, active;
    int failures;        /* in a row */
    bool proven;         /* it has answered once */
    int64_t rests_until; /* one attempt then shows whether it is back */
    int64_t heard_at;    /* of its last answer, or since when it has something open */
    int64_t used_at;
    int channel;           /* the caller's: of the last message to it */
    char name[HOST_NAMES]; /* "host:port" as written, cut */
    /* host_queue.h's: who waits for room, and the next host that somebody waits for. */
    struct recipient *waits, *waits_last;
    struct host *following;
    bool listed;
};

struct hosts {
    unsigned char secret[16]; /* of the keys, so that nobody can choose a neighbour */
    struct host *at;
};

void hosts_init(struct hosts *hosts);
void hosts_release(struct hosts *hosts);

/* The host of an http(s) URL, port included. Never NULL; valid until the next call with
 * another URL, and for as long as it has something open or
 * somebody waits for it. */
struct host *hosts_of(struct hosts *hosts, const char *url, int64_t now);

/* Its last request failed: whether it is there at all is not known. */
bool host_is_doubted(const struct host *host);

/* May another request begin? *ret_wait, when not: for how long to put the message off, us;
 * 0: there will be room in a moment. */
bool host_may_begin(const struct host *host, int64_t now, int64_t *ret_wait);
void host_begin(struct host *host, int64_t now);

enum host_answer {
    HOST_WELL,   /* it answered, whatever it thinks of the message */
    HOST_BADLY,  /* 429, 5xx, or no answer */
    HOST_NOTHING /* it was never asked */
};
/* retry_after: us that it asked for, or 0. */
void host_end(struct host *host, enum host_answer answer, int64_t retry_after, int64_t now);

#endif
