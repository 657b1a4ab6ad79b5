#include <string.h>

#include "api/alerts/sns.h"
#include "core/json.h"
#include "core/net/net.h"
#include "core/strbuf.h"

enum { REPLY_MAX = 16 * 1024 };

static bool is_allowed(const struct texts *topics, const char *topic)
{
    for (size_t i = 0; i < topics->n; i++)
        if (!strcmp(topics->at[i], topic))
            return true;
    return false;
}

/* Opening the URL is the confirmation (Amazon, ConfirmSubscription). */
static enum rc confirm(struct scope *s, const struct sns_trust *trust, const char *url)
{
    struct net_guard guard = {.allow_loopback = trust->allow_loopback};
    STRBUF(reply, REPLY_MAX);
    int status = 0;
    if (!sns_is_host(s, trust, url))
        return fail(s, RC_DENIED, "SubscribeURL is not at Amazon SNS");
    TRY(net_get(s, url, &guard, &reply, &status));
    return status == 200
               ? RC_OK
               : fail(s, RC_UPSTREAM, "the subscription was not confirmed: HTTP %d", status);
}

enum rc sns_message(struct scope *s, const json_t *document, const json_t **ret)
{
    const char *text = json_get_text(document, "Message");
    json_t *message = NULL;
    *ret = document;
    if (!text || !json_get_text(document, "TopicArn"))
        return RC_OK;
    if (json_parse(s, text, strlen(text), &message) != RC_OK || !json_is_object(message))
        return fail_field(s, RC_INVALID, "Message", "must be JSON, as alarms of CloudWatch are");
    *ret = message;
    return RC_OK;
}

enum rc sns_open(
    struct scope *s, const struct sns_trust *trust, const json_t *envelope, const json_t **ret)
{
    const char *type = json_get_word(envelope, "Type"), *certificate;
    if (!is_allowed(trust->topics, json_get_word(envelope, "TopicArn")))
        return fail(s, RC_DENIED, "the topic is not one of the source");
    TRY(sns_certificate(s, trust, json_get_word(envelope, "SigningCertURL"), &certificate));
    if (!sns_verifies(s, envelope, certificate))
        return fail(s, RC_DENIED, "invalid signature");
    *ret = NULL;
    if (!strcmp(type, "SubscriptionConfirmation"))
        return confirm(s, trust, json_get_word(envelope, "SubscribeURL"));
    return strcmp(type, "Notification") != 0 ? RC_OK : sns_message(s, envelope, ret);
}
