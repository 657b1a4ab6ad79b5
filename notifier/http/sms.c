#include "notifier/http/sms.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/net/net.h"

#define MINUTE INT64_C(60000000)

enum { TOKEN_MAX = 512 };

static const struct {
    const char *verdict;
    enum outcome_state state;
    int64_t pause; /* us, of all SMS */
} verdicts[] = {
    {.verdict = "suppress", .state = OUTCOME_SUPPRESS},
    {.verdict = "fail", .state = OUTCOME_FAILED},
    {.verdict = "retry", .state = OUTCOME_RETRY},
    {.verdict = "pause", .state = OUTCOME_RETRY, .pause = MINUTE},
};

static void apply(const struct provider_error *error, struct outcome *o)
{
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++) {
        if (strcmp(verdicts[i].verdict, error->verdict) != 0)
            continue;
        o->state = verdicts[i].state;
        o->pause = verdicts[i].pause;
    }
    o->reason = error->reason;
}

static struct outcome classify_status(const struct http_reply *reply)
{
    struct outcome o = {.state = OUTCOME_FAILED, .code = reply->status, .reason = "refused"};
    if (reply->status == 429 || reply->status == 503) {
        o.state = OUTCOME_RETRY;
        o.reason = "throttled";
        o.retry_after = reply->retry_after;
    } else if (reply->status == 401 || reply->status == 403) {
        o.state = OUTCOME_RETRY;
        o.reason = "provider_refuses_us";
        o.pause = MINUTE;
    } else if (reply->status < 300 || reply->status >= 500) {
        o.state = OUTCOME_UNKNOWN;
        o.reason = "unexpected_reply";
    }
    return o;
}

static struct outcome classify_no_reply(const struct http_reply *reply)
{
    if (reply->refused)
        return (struct outcome){.state = OUTCOME_FAILED, .reason = "forbidden_address"};
    if (reply->sent)
        return (struct outcome){.state = OUTCOME_UNKNOWN, .reason = "no_reply"};
    return (struct outcome){.state = OUTCOME_RETRY, .reason = "unreachable"};
}

/* Success needs both a 2xx status and the document's predicate. A code of the document's table
 * decides at any status (Vonage refuses with 200); an unknown code is a refusal. */
struct outcome sms_classify(const struct provider *provider, const struct http_reply *reply)
{
    if (!reply->status)
        return classify_no_reply(reply);
    SCOPE(s);
    json_t *json = NULL;
    struct outcome o = classify_status(reply);
    if (json_parse(s, reply->body ? reply->body : "", reply->len, &json) != RC_OK)
        return o;
    bool good = reply->status >= 200 && reply->status < 300;
    if (good && provider_succeeded(s, provider, json)) {
        const char *id = provider_text(s, json, provider->id);
        o = (struct outcome){.state = OUTCOME_ACCEPTED, .code = reply->status};
        snprintf(o.reference, sizeof o.reference, "%s", id ? id : "");
        return o;
    }
    const char *code = provider_text(s, json, provider->error);
    const struct provider_error *error = provider_error(provider, code);
    if (error) {
        apply(error, &o);
        o.retry_after = reply->retry_after;
    } else if (good && code) {
        o.state = OUTCOME_FAILED;
        o.reason = "refused";
    }
    return o;
}

static bool is_unreachable(const char *url)
{
    SCOPE(s);
    return !strncmp(url, "http:", strlen("http:")) && net_url_check(s, url, true) == RC_OK;
}

const char *sms_callback(struct scope *s, const struct config *config, const struct sign *keys,
    const struct provider *provider, struct sms_delivery delivery)
{
    if (!provider->status || !*config->public_url || is_unreachable(config->public_url))
        return NULL;
    STRBUF(token, TOKEN_MAX);
    struct link_token link = {.id = delivery.broadcast_id, .extra = delivery.recipient_id};
    sign_link(keys, SIGN_SMS_STATUS, link, &token);
    return scope_printf(
        s, "%s/hooks/sms/%s/status/%s", config->public_url, provider->name, token.buf);
}
