#pragma once
/*
 * SMS through a provider's document (messages/provider.h): outcomes of replies, and the URL that
 * the provider reports the status of a message to. No provider supports idempotent requests, so a
 * message that may have arrived is OUTCOME_UNKNOWN and is never sent again.
 */
#include "core/config.h"
#include "core/sign.h"
#include "messages/provider.h"
#include "notifier/http/http_reply.h"

/* Pure. .reason points into the provider. */
struct outcome sms_classify(const struct provider *provider, const struct http_reply *reply);

struct sms_delivery {
    int64_t broadcast_id, recipient_id;
};

/* The URL that the provider calls when the state of the message changes; its token names the
 * delivery. NULL while public_url is plain http on loopback, which the provider cannot reach. */
const char *sms_callback(struct scope *s, const struct config *config, const struct sign *keys,
    const struct provider *provider, struct sms_delivery delivery);
