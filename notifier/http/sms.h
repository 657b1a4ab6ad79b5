#pragma once
/* The URL that an SMS provider (messages/provider.h) reports the status of a message to. */
#include "core/config.h"
#include "core/sign.h"
#include "messages/provider.h"

struct sms_delivery {
    int64_t broadcast_id, recipient_id;
};

/* The URL that the provider calls when the state of the message changes; its token names the
 * delivery. NULL while public_url is plain http on loopback, which the provider cannot reach. */
const char *sms_callback(struct scope *s, const struct config *config, const struct sign *keys,
    const struct provider *provider, struct sms_delivery delivery);
