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
    const char *kind; /* bounce, complaint, auto_reply, other; alert: by amends inbound mail */
    const char
        *result; /* suppressed, counted, noted, repeated, ignored, forged, expired, unknown */
    const char *status, *diagnostic;
};
extern const struct shape inbound_shape;

/* recipient: of the envelope, or NULL to use the headers. */
enum rc inbound_take(struct scope *s, struct db *db, const struct sign *keys, const char *message,
    size_t len, const char *recipient, struct inbound *ret);

/* Count a mail for /metrics: what inbound_take does itself. */
enum rc inbound_count(struct scope *s, struct db *db, const char *kind, const char *result);
