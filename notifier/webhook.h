#ifndef NOTIFIER_WEBHOOK_H
#define NOTIFIER_WEBHOOK_H
/* Standard Webhooks 1.0: signatures, and what a reply means. SPEC.md 5.1, 5.2. Pure. */
#include "core/scope.h"
#include "core/strbuf.h"
#include "notifier/outcome.h"

/*
 * Append the value of webhook-signature: "v1," and the HMAC-SHA256 of `id.timestamp.body`.
 * secret: "whsec_" and base64, or base64 alone; more of them separated by spaces (rotation)
 * give as many signatures. RC_INVALID for a secret that is not base64.
 */
enum rc webhook_sign(struct scope *s, const char *secret, const char *id, int64_t timestamp,
    const char *body, size_t len, struct strbuf *b);

struct outcome webhook_judge(const struct http_reply *reply);

#endif
