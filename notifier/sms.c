#include "notifier/sms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

#define MINUTE INT64_C(60000000)

/* https://www.twilio.com/docs/api/errors */
static const struct sms_error twilio_errors[] = {
    {.code = 21610, .state = OUTCOME_SUPPRESS, .reason = "opted_out"},
    {.code = 21211, .state = OUTCOME_SUPPRESS, .reason = "invalid_number"},
    {.code = 21614, .state = OUTCOME_SUPPRESS, .reason = "invalid_number"},
    {.code = 30005, .state = OUTCOME_SUPPRESS, .reason = "invalid_number"},
    {.code = 30006, .state = OUTCOME_SUPPRESS, .reason = "invalid_number"},
    {.code = 30003, .state = OUTCOME_RETRY, .reason = "unreachable"},
    {.code = 30007, .state = OUTCOME_FAILED, .reason = "filtered"},
    {.code = 20003, .state = OUTCOME_RETRY, .reason = "provider_refuses_us", .pause = MINUTE},
    {.code = 20429, .state = OUTCOME_RETRY, .reason = "throttled"},
    {.code = 0},
};

static const struct sms_provider providers[] = {
    {
        .name = "twilio",
        .path = "/2010-04-01/Accounts/{account}/Messages.json",
        .to = "To",
        .from = "From",
        .body = "Body",
        .id_pointer = "/sid",
        .code_pointer = "/code",
        .errors = twilio_errors,
    },
};

const struct sms_provider *sms_provider(const char *name)
{
    for (size_t i = 0; i < sizeof providers / sizeof providers[0]; i++)
        if (!strcmp(providers[i].name, name))
            return &providers[i];
    return NULL;
}

/* RFC 3986 unreserved characters stand, everything else is %XX. */
static void add_escaped(struct strbuf *b, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text; text++) {
        if (strchr(plain, *text))
            strbuf_addch(b, *text);
        else
            strbuf_addf(b, "%%%02X", (unsigned char)*text);
    }
}

char *sms_url(
    struct scope *s, const struct sms_provider *provider, const char *base, const char *account)
{
    static const char mark[] = "{account}";
    STRBUF(b, 4096);
    size_t len = strlen(base);
    strbuf_add(&b, base, len && base[len - 1] == '/' ? len - 1 : len);
    const char *at = strstr(provider->path, mark);
    if (!at) {
        strbuf_addstr(&b, provider->path);
        return strbuf_copy(&b, s);
    }
    strbuf_add(&b, provider->path, (size_t)(at - provider->path));
    add_escaped(&b, account);
    strbuf_addstr(&b, at + strlen(mark));
    return strbuf_copy(&b, s);
}

void sms_form(const struct sms_provider *provider, const char *from, const char *to,
    const char *text, struct strbuf *b)
{
    const char *const fields[][2] = {
        {provider->to, to}, {provider->from, from}, {provider->body, text}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (i)
            strbuf_addch(b, '&');
        add_escaped(b, fields[i][0]);
        strbuf_addch(b, '=');
        add_escaped(b, fields[i][1]);
    }
}

/* RFC 6901 without its escapes, which no table here needs; array elements by number. */
static const json_t *pointed(struct scope *s, const json_t *json, const char *pointer)
{
    while (json && *pointer == '/') {
        size_t len = strcspn(++pointer, "/");
        const char *key = scope_strndup(s, pointer, len);
        json = json_is_array(json) ? json_array_get(json, (size_t)strtoul(key, NULL, 10))
                                   : json_object_get(json, key);
        pointer += len;
    }
    return json;
}

static const struct sms_error *find_error(const struct sms_provider *provider, json_int_t code)
{
    const struct sms_error *error = provider->errors;
    while (error->code && error->code != code)
        error++;
    return error->code ? error : NULL;
}

static struct outcome judge_status(const struct http_reply *reply)
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

static struct outcome judge_no_reply(const struct http_reply *reply)
{
    if (reply->refused)
        return (struct outcome){.state = OUTCOME_FAILED, .reason = "forbidden_address"};
    if (reply->sent)
        return (struct outcome){.state = OUTCOME_UNKNOWN, .reason = "no_reply"};
    return (struct outcome){.state = OUTCOME_RETRY, .reason = "unreachable"};
}

struct outcome sms_judge(const struct sms_provider *provider, const struct http_reply *reply)
{
    if (!reply->status)
        return judge_no_reply(reply);
    SCOPE(s);
    json_t *json = NULL;
    struct outcome o = judge_status(reply);
    if (json_parse(s, reply->body ? reply->body : "", reply->len, &json) != RC_OK)
        return o;
    const json_t *id = pointed(s, json, provider->id_pointer);
    if (reply->status >= 200 && reply->status < 300 && json_is_string(id)) {
        o = (struct outcome){.state = OUTCOME_ACCEPTED, .code = reply->status};
        snprintf(o.reference, sizeof o.reference, "%s", json_string_value(id));
        return o;
    }
    const json_t *code = pointed(s, json, provider->code_pointer);
    const struct sms_error *error =
        json_is_integer(code) ? find_error(provider, json_integer_value(code)) : NULL;
    if (error && reply->status >= 400) {
        o.state = error->state;
        o.reason = error->reason;
        o.pause = error->pause;
        o.retry_after = reply->retry_after;
    }
    return o;
}
