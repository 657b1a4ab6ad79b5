#pragma once
/* What smtpsink says to one client, and what it was told to do wrong. */
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/strbuf.h"
#include "tests/sinks/keyset.h"

enum { CLIENT_IN_MAX = 64 * 1024 * 1024, CLIENT_LATE_MAX = 512 };

enum sink_stage { SINK_MAIL, SINK_RCPT, SINK_DATA, SINK_END, SINK_STAGES };

struct sink_option {
    const char *host;
    int port;
    FILE *keep;
    bool count_only, no_pipelining, no_chunking;
    const char *refuse_bdat; /* the reply to every BDAT, whose octets are read as commands */
    int delay_ms, dot_delay_ms, temp_every, drop_after, goodbye_after, drop_in_body;
    struct {
        int left; /* number of recipients with this reply */
        const char *reply;
    } refuse_first[SINK_STAGES];
    bool mute;    /* accepts and says nothing */
    bool goodbye; /* 421 instead of a greeting */
    regex_t refuse;
    const char *refuse_reply;
};
extern struct sink_option sink_option;

struct sink_counts {
    long accepted, refused, deferred, connections, bodies, chunks;
    struct keyset recipients, message_ids;
    long repeats;
};
extern struct sink_counts sink_counts;

/* A reply that waits for its time. */
struct late {
    int64_t due; /* us */
    size_t len;  /* of out, up to here may be sent */
};

struct client {
    int fd;                                /* -1: free */
    struct strbuf in, out, from, to, text; /* text: of BDATs before the last */
    size_t scanned;                        /* of a body: no end before here */
    bool in_body, in_chunk, last_chunk, has_from, closing, dropped;
    size_t chunk; /* octets of the BDAT that is being read */
    int mails;
    struct late late[CLIENT_LATE_MAX];
    size_t n_late;
    size_t sendable; /* of out, now */
};

void client_greet(struct client *c, int64_t now);
/* Answer what c->in holds; the rest of a command or body stays there. */
void client_answer(struct client *c, int64_t now);
