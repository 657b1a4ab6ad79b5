#pragma once
/*
 * Webhooks as https://www.standardwebhooks.com has them: signatures, and outcomes of replies. Pure.
 *
 *     STRBUF(signature, 2048);
 *     TRY(webhook_sign(s, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_1", 1614265330, "{}", 2,
 *         &signature));
 */
#include "core/scope.h"
#include "core/strbuf.h"
#include "notifier/http/http_reply.h"

/*
 * Append the value of webhook-signature, over `id.timestamp.body`: "v1," and an HMAC-SHA256
 * for "whsec_" (or nothing) and base64; "v1a," and an Ed25519 signature for "whsk_" and the
 * base64 of libsodium's secret key. More secrets separated by spaces (rotation) give as
 * many signatures; one that ends with "@SECONDS" is left out after that instant.
 * RC_INVALID for a secret that is neither.
 */
enum rc webhook_sign(struct scope *s, const char *secret, const char *id, int64_t timestamp,
    const char *body, size_t len, struct strbuf *b);

/* Does the reply to this request (templates/webhook/confirmation.en.json) contain its token? */
bool webhook_echoes(const char *request, const struct http_reply *reply);

struct outcome webhook_classify(const struct http_reply *reply);
