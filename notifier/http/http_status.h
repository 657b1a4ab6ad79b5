#ifndef NOTIFIER_HTTP_HTTP_STATUS_H
#define NOTIFIER_HTTP_HTTP_STATUS_H
/*
 * The lanes of the HTTP channels for the live view (lanes.h): one a host that has requests
 * open or rests, in its own window. Of very many hosts only so many have a row each, and
 * the others of a channel share the row without a name. The SMS provider is one lane.
 */
#include <stdbool.h>

#include "notifier/http/hosts.h"
#include "notifier/handover/outcome.h"

struct http_status {
    int64_t at;                 /* us, monotonic: of the last report */
    bool others[CHANNEL_COUNT]; /* their row, or SMS, was reported as active the last time */
};

struct http_work {
    const int *active;    /* by channel: messages begun, also those that wait for their pace */
    const char *provider; /* of SMS; NULL: none is set */
    int window;           /* of SMS */
    bool paused;          /* the provider refuses us */
};

/* A few times a second; sooner calls do nothing. */
void http_status_report(
    struct http_status *last, const struct hosts *hosts, const struct http_work *work, int64_t now);

#endif
