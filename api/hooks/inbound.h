#pragma once
/*
 * Mail returned to our return paths: parsed (core/mail/bounce.h), authenticated by the signature in
 * the return path (core/mail/verp.h), and settled: hard bounces and complaints suppress at once,
 * soft ones by the bounce rule. Counted by kind; safe to repeat.
 */
#include "core/mail/bounce.h"
#include "core/db/db.h"
#include "core/sign.h"

struct inbound {
    const char *kind;   /* bounce, complaint, auto_reply, other, alert */
    const char *result; /* suppressed, counted, noted, repeated, ignored, forged, expired, unknown;
                           received (an alert) */
    const char *status, *diagnostic;
};
extern const struct shape inbound_shape;

/* recipient: of the envelope, or NULL to use the headers. */
enum rc inbound_take(struct scope *s, struct db *db, const struct sign *keys, const char *message,
    size_t len, const char *recipient, struct inbound *ret);

/* The same, and for alerts+SOURCE.TOKEN@DOMAIN an alert of that source (api/alerts/alert_mail.h).
 * RC_RETRY: the source may send no more in this minute. */
struct inbound_mail {
    const char *message;
    size_t len;
    const char *recipient; /* or NULL */
};
enum rc inbound_deliver(struct scope *s, struct db *db, const struct sign *keys,
    const char *public_url, const struct inbound_mail *mail, struct inbound *ret);
