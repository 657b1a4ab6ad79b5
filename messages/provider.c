#include "messages/provider.h"

#include <stdio.h>
#include <string.h>

#include "core/embed.h"
#include "core/json.h"

enum { DOCUMENT_MAX = 256 * 1024 };

static const char *const auth_types[] = {"basic", "bearer", "header", "none", NULL};
static const char *const encodings[] = {"form", "json", NULL};
static const char *const verdicts[] = {"suppress", "disable", "fail", "retry", "pause", NULL};
static const char *const methods[] = {"POST", "PUT", NULL};
static const char *const markups[] = {"markdown", "html", "slack", "text", NULL};
static const char *const units[] = {"s", "ms", NULL};
static const char *const states[] = {"accepted", "delivered", "failed", NULL};
static const char *const signatures[] = {"twilio", "plivo", "vonage", "messagebird", "token", NULL};

static const struct shape auth_shape = SHAPE("ProviderAuth", struct provider_auth,
    FIELD(TEXT, type, .required = true, .one_of = auth_types), FIELD(TEXT, user),
    FIELD(TEXT, secret), FIELD(TEXT, header), FIELD(TEXT, value));

static const struct shape error_shape = SHAPE("ProviderError", struct provider_error,
    FIELD(TEXT, code), FIELD(TEXT, contains), FIELD(INT, status, .min = 0, .max = 599, .def = "0"),
    FIELD(TEXT, verdict, .required = true, .one_of = verdicts),
    FIELD(TEXT, reason, .required = true, .max = 40));

static const struct shape predicate_shape = SHAPE("ProviderPredicate", struct provider_predicate,
    FIELD(TEXT, pointer, .required = true), FIELD(TEXT, equals));

static const struct shape word_shape = SHAPE("ProviderWord", struct provider_word,
    FIELD(TEXT, word, .required = true), FIELD(TEXT, state, .required = true, .one_of = states));

static const struct shape status_shape = SHAPE("ProviderStatus", struct provider_status,
    FIELD(TEXT, id, .required = true), FIELD(TEXT, state, .required = true), FIELD(TEXT, error),
    FIELD(LIST, words, .required = true, .of = &word_shape));

static const struct shape inbound_shape =
    SHAPE("ProviderInbound", struct provider_inbound, FIELD(TEXT, from, .required = true),
        FIELD(TEXT, text, .required = true), FIELD(TEXT, type), FIELD(TEXT, answer));

static const struct shape limits_shape = SHAPE("ChannelLimits", struct limits,
    FIELD(INT, title, .required = true, .min = 10, .max = 1000),
    FIELD(INT, body, .required = true, .min = 100, .max = 30000),
    FIELD(INT, components, .required = true, .min = 10, .max = 30000),
    FIELD(INT, gap_ms, .def = "0", .min = 0, .max = 60000));

static const struct shape maximum_shape = SHAPE("ChannelMaximum", struct provider_maximum,
    FIELD(TEXT, pointer, .required = true, .min = -1),
    FIELD(INT, characters, .def = "0", .min = 0, .max = 1000000),
    FIELD(INT, bytes, .def = "0", .min = 0, .max = 1000000));

static const struct shape action_shape =
    SHAPE("ChannelAction", struct provider_action, FIELD(TEXT, name, .required = true, .max = 40),
        FIELD(TEXTS, when), FIELD(BOOL, first), FIELD(TEXT, path));

static const struct shape pause_shape = SHAPE("ChannelPause", struct provider_pause,
    FIELD(TEXT, pointer), FIELD(TEXT, unit, .def = "s", .one_of = units), FIELD(TEXT, remaining),
    FIELD(TEXT, resets));

static const struct shape channel_shape = SHAPE("ProviderChannel", struct provider_channel,
    FIELD(TEXT, title, .required = true, .max = 40),
    FIELD(TEXT, address, .required = true, .max = 500), FIELD(TEXT, prefix, .max = 500),
    FIELD(TEXT, example, .required = true, .max = 500), FIELD(TEXTS, hosts),
    FIELD(TEXT, markup, .required = true, .one_of = markups),
    FIELD(TEXT, escape, .required = true, .one_of = markups),
    FIELD(TEXTS, mentions, .required = true),
    FIELD(OBJECT, limits, .required = true, .of = &limits_shape),
    FIELD(LIST, maxima, .of = &maximum_shape), FIELD(LIST, actions, .of = &action_shape),
    FIELD(OBJECT, pause, .of = &pause_shape));

static const struct shape provider_shape = SHAPE("Provider", struct provider,
    FIELD(TEXT, name, .required = true, .max = 30), FIELD(TEXT, source, .max = 500),
    FIELD(OBJECT, channel, .of = &channel_shape), FIELD(TEXT, base_url, .def = "", .min = -1),
    FIELD(TEXT, path, .def = "", .min = -1), FIELD(TEXT, method, .def = "POST", .one_of = methods),
    FIELD(JSON, headers, .form = FORM_OBJECT),
    FIELD(OBJECT, auth, .required = true, .of = &auth_shape),
    FIELD(TEXT, encoding, .required = true, .one_of = encodings),
    FIELD(JSON, fields, .required = true, .form = FORM_OBJECT), FIELD(TEXT, service_prefix),
    FIELD(OBJECT, success, .of = &predicate_shape), FIELD(TEXT, id), FIELD(TEXT, error),
    FIELD(LIST, errors, .of = &error_shape), FIELD(TEXT, signature, .one_of = signatures),
    FIELD(OBJECT, status, .of = &status_shape), FIELD(OBJECT, inbound, .of = &inbound_shape));

static enum rc read_file(struct scope *s, const char *path, const char **ret, size_t *ret_len)
{
    CLEANUP(file_close) FILE *file = fopen(path, "re");
    if (!file)
        return fail(s, RC_NOT_FOUND, "cannot open %s: %m", path);
    char *text = scope_alloc(s, DOCUMENT_MAX + 1);
    size_t len = fread(text, 1, DOCUMENT_MAX + 1, file);
    if (len > DOCUMENT_MAX || ferror(file))
        return fail(s, RC_INVALID, "cannot read %s", path); // cppcheck-suppress resourceLeak
    *ret = text;
    *ret_len = len;
    return RC_OK; // cppcheck-suppress resourceLeak
}

static enum rc read_document(struct scope *s, const char *name, const char **ret, size_t *ret_len)
{
    if (strchr(name, '/'))
        return read_file(s, name, ret, ret_len);
    const struct embed *file = embed_find(scope_printf(s, "templates/providers/%s.json", name));
    if (!file)
        return fail(s, RC_NOT_FOUND, "no SMS provider \"%.40s\"", name);
    *ret = file->text;
    *ret_len = file->len;
    return RC_OK;
}

static enum rc parse(struct scope *s, const char *text, size_t len, struct provider **ret)
{
    json_t *json = NULL;
    *ret = SCOPE_NEW(s, struct provider);
    TRY(json_parse(s, text, len, &json));
    return shape_read(s, &provider_shape, json, *ret);
}

/* Templates are strict, so a request renders only if every name in it is known. */
static enum rc try_sms(struct scope *s, const struct provider *provider)
{
    static const struct provider_message sample = {.to = "+4915112345678",
        .from = "+15005550006",
        .text = "x",
        .callback = "https://status.example.com/",
        .account = "a",
        .token = "t"};
    struct provider_request request;
    return provider_request(s, provider, "https://sms.example.com", &sample, &request);
}

enum rc provider_load(struct scope *s, const char *name, const struct provider **ret)
{
    const char *text = NULL;
    size_t len = 0;
    struct provider *provider = NULL;
    TRY(read_document(s, name, &text, &len));
    TRY(parse(s, text, len, &provider));
    if (provider->channel)
        return fail_field(s, RC_INVALID, "channel", "does not apply to SMS");
    if (!provider->success || !provider->id || !provider->signature)
        return fail_field(s, RC_INVALID,
            !provider->success ? "success"
            : !provider->id    ? "id"
                               : "signature",
            "is missing");
    TRY(try_sms(s, provider));
    *ret = provider;
    return RC_OK;
}

enum rc channel_parse(struct scope *s, const char *text, size_t len, const struct provider **ret)
{
    struct provider *provider = NULL;
    TRY(parse(s, text, len, &provider));
    if (!provider->channel)
        return fail_field(s, RC_INVALID, "channel", "is missing");
    if (!provider->source)
        return fail_field(s, RC_INVALID, "source", "is missing");
    if (strcmp(provider->encoding, "json") != 0)
        return fail_field(s, RC_INVALID, "encoding", "must be json for a channel");
    *ret = provider;
    return RC_OK;
}

const char *provider_text(struct scope *s, const json_t *json, const char *pointer)
{
    const json_t *value = pointer ? json_at(s, json, pointer) : NULL;
    if (json_is_integer(value))
        return scope_printf(s, "%lld", (long long)json_integer_value(value));
    if (json_is_boolean(value))
        return json_is_true(value) ? "true" : "false";
    const char *text = json_string_value(value);
    return text && *text ? scope_strdup(s, text) : NULL;
}

bool provider_succeeded(struct scope *s, const struct provider *provider, const json_t *json)
{
    if (!provider->success)
        return true;
    const char *text = provider_text(s, json, provider->success->pointer);
    const char *equals = provider->success->equals;
    return text && (!equals || !strcmp(text, equals));
}

static bool fits(const struct provider_error *error, int status, const char *code)
{
    return (!error->status || error->status == status) &&
           (!error->code || (code && !strcmp(error->code, code))) &&
           (!error->contains || (code && strcasestr(code, error->contains)));
}

const struct provider_error *provider_error(
    const struct provider *provider, int status, const char *code)
{
    const struct provider_error *errors = provider->errors.at;
    for (size_t i = 0; i < provider->errors.n; i++)
        if (fits(&errors[i], status, code))
            return &errors[i];
    return NULL;
}

const char *provider_state(const struct provider *provider, const char *word)
{
    if (!provider->status || !word)
        return NULL;
    const struct provider_word *words = provider->status->words.at;
    for (size_t i = 0; i < provider->status->words.n; i++)
        if (!strcmp(words[i].word, word))
            return words[i].state;
    return NULL;
}
