#include "notifier/http/document.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"

#define MINUTE INT64_C(60000000)
#define REFUSES_US "provider_refuses_us"

static const struct {
    const char *verdict;
    enum outcome_state state;
    int64_t pause; /* us, of the whole channel */
} verdicts[] = {
    {.verdict = "suppress", .state = OUTCOME_SUPPRESS},
    {.verdict = "disable", .state = OUTCOME_DISABLE},
    {.verdict = "fail", .state = OUTCOME_FAILED},
    {.verdict = "retry", .state = OUTCOME_RETRY},
    {.verdict = "pause", .state = OUTCOME_RETRY, .pause = MINUTE},
};

/* Without a row of the document. A repeated request of a channel would get 400 and the like again.
 */
static const struct http_meaning of_channels[] = {
    {.from = 200, .to = 299, .state = OUTCOME_ACCEPTED},
    {.from = 408, .to = 408, .state = OUTCOME_RETRY, .reason = "no_reply"},
    {.from = 410, .to = 410, .state = OUTCOME_DISABLE, .reason = "gone"},
    {.from = 429, .to = 429, .state = OUTCOME_RETRY, .reason = "throttled"},
    {.from = 500, .to = 599, .state = OUTCOME_RETRY, .reason = "refused"},
    {.from = 0, .to = 999, .state = OUTCOME_FAILED, .reason = "refused"},
};
static const struct http_meaning of_sms[] = {
    {.from = 200, .to = 299, .state = OUTCOME_ACCEPTED},
    {.from = 401, .to = 401, .state = OUTCOME_RETRY, .reason = REFUSES_US},
    {.from = 403, .to = 403, .state = OUTCOME_RETRY, .reason = REFUSES_US},
    {.from = 429, .to = 429, .state = OUTCOME_RETRY, .reason = "throttled"},
    {.from = 503, .to = 503, .state = OUTCOME_RETRY, .reason = "throttled"},
    {.from = 300, .to = 499, .state = OUTCOME_FAILED, .reason = "refused"},
    {.from = 0, .to = 999, .state = OUTCOME_UNKNOWN, .reason = "unexpected_reply"},
};

static struct outcome by_status(const struct provider *document, const struct http_reply *reply)
{
    struct outcome o = http_by_status(document->channel ? of_channels : of_sms, reply);
    if (!document->channel && !reply->status && reply->sent)
        return (struct outcome){.state = OUTCOME_UNKNOWN, .reason = "no_reply"};
    o.pause = o.reason && !strcmp(o.reason, REFUSES_US) ? MINUTE : 0;
    return o;
}

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

/* The pause that the body asks for, us. */
static int64_t asked(struct scope *s, const struct provider_pause *pause, const json_t *json)
{
    const json_t *value = pause && pause->pointer ? json_at(s, json, pause->pointer) : NULL;
    double n = json_number_value(value);
    int64_t unit = pause && !strcmp(pause->unit, "ms") ? 1000 : 1000000;
    return n > 0 && n < 1e9 ? (int64_t)(n * (double)unit) : 0;
}

static void pause_for(struct outcome *o, const struct provider *document,
    const struct http_reply *reply, int64_t in_body)
{
    int64_t longest = reply->retry_after > in_body ? reply->retry_after : in_body;
    o->rest = document->channel ? reply->rest : 0;
    if (o->state != OUTCOME_RETRY)
        return;
    o->retry_after = longest;
    if (document->channel && reply->status == 429 && o->rest < longest)
        o->rest = longest;
}

struct outcome document_classify(const struct provider *document, const struct http_reply *reply)
{
    SCOPE(s);
    json_t *json = NULL;
    struct outcome o = by_status(document, reply);
    if (!reply->status)
        return o;
    if (json_parse(s, reply->body ? reply->body : "", reply->len, &json) != RC_OK)
        json = NULL;
    const char *code = provider_text(s, json, document->error);
    const struct provider_error *error = NULL;
    bool accepted = o.state == OUTCOME_ACCEPTED;
    if (accepted && (!document->success || provider_succeeded(s, document, json))) {
        const char *id = provider_text(s, json, document->id);
        snprintf(o.reference, sizeof o.reference, "%s", id ? id : "");
    } else if ((error = provider_error(document, reply->status, code))) {
        apply(error, &o);
    } else if (accepted) {
        o.state = code ? OUTCOME_FAILED : OUTCOME_UNKNOWN;
        o.reason = code ? "refused" : "unexpected_reply";
    }
    pause_for(
        &o, document, reply, asked(s, document->channel ? document->channel->pause : NULL, json));
    return o;
}
