#pragma once
/*
 * The status of the HTTP channels for the live view (sender_status.h): one row per host that has
 * open requests or rests, with its window, and one for the SMS provider. When there are very many
 * hosts, the others of a channel share a row without a name.
 */
#include "notifier/http/http_transfer.h"

struct http_status {
    int64_t at;                 /* us, monotonic: of the last report */
    bool others[CHANNEL_COUNT]; /* the shared row, or that of SMS, was active in it */
};

/* Does nothing if the last report was less than a quarter of a second ago. */
void http_status_report(struct http_status *last, const struct transfers *all, int64_t now);
