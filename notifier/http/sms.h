#ifndef NOTIFIER_HTTP_SMS_H
#define NOTIFIER_HTTP_SMS_H
/*
 * SMS through a provider's document (messages/provider.h): what a reply means, and where
 * the status of a message is awaited. SPEC.md 3.1 to 3.4. No provider of ours knows
 * idempotent requests, so whatever may have arrived is OUTCOME_UNKNOWN and is never sent
 * again.
 */
#include "core/config.h"
#include "core/sign.h"
#include "notifier/http/http_reply.h"
#include "messages/provider.h"

/* Pure. .reason and the like point into the provider. */
struct outcome sms_classify(const struct provider *provider, const struct http_reply *reply);

struct sms_delivery {
    int64_t broadcast_id, recipient_id;
};

/* The URL that the provider calls when the state of this message changes; its token names
 * the delivery. NULL while public_url is plain http on loopback, which nobody can reach. */
const char *sms_callback(struct scope *s, const struct config *config, const struct sign *keys,
    const struct provider *provider, struct sms_delivery delivery);

#endif
