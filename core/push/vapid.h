#pragma once
/*
 * VAPID (RFC 8292): what tells a push service who sends. A token names the service's origin, so one
 * serves all its subscriptions; it is signed anew after half of its validity.
 *
 *     CLEANUP(vapid_freep) struct vapid *vapid = vapid_new(keys, "mailto:ops@example.com");
 *     header = vapid_header(s, vapid, "https://push.example/x", now); // "vapid t=..., k=..."
 */
#include <stdint.h>

#include "core/push/p256.h"
#include "core/sign.h"

struct vapid;

/* subject: mailto: or https: (RFC 8292 2.1); must live as long. One thread at a time. */
struct vapid *vapid_new(const struct sign *keys, const char *subject);
void vapid_free(struct vapid *vapid); /* NULL is fine */

/* The value of the header Authorization for this endpoint at a time in us; NULL: no http(s) URL. */
const char *vapid_header(struct scope *s, struct vapid *vapid, const char *endpoint, int64_t now);

/* The public key as base64url, which browsers subscribe with (applicationServerKey). It belongs to
 * the oldest key of the key file, so that a rotation keeps subscriptions. */
const char *vapid_public(struct scope *s, const struct sign *keys);
