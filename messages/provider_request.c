/* Makes an HTTP request from a provider's document and a message. */
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "messages/provider.h"
#include "templates/engine/template.h"

enum { VALUE_MAX = 64 * 1024, BODY_MAX = 256 * 1024, URL_MAX = 4096 };

struct rendering {
    struct scope *s;
    const struct provider *provider;
    const json_t *context;
};

void provider_escape(struct strbuf *b, const char *text)
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

static void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        abort();
}

static void put_text(json_t *object, const char *key, const char *text)
{
    put(object, key, json_string(text ? text : ""));
}

static const char *digits(const char *number)
{
    return *number == '+' ? number + 1 : number;
}

static json_t *context_of(
    struct scope *s, const struct provider *provider, const struct provider_message *m)
{
    json_t *context = json_own(s, json_object());
    const char *prefix = provider->service_prefix;
    put_text(context, "to", m->to);
    put_text(context, "to_digits", digits(m->to));
    put_text(context, "from", m->from);
    put_text(context, "from_digits", digits(m->from));
    put(context, "service", json_boolean(prefix && !strncmp(m->from, prefix, strlen(prefix))));
    put_text(context, "text", m->text);
    put(context, "unicode", json_boolean(m->unicode));
    put(context, "callback", m->callback && *m->callback ? json_string(m->callback) : json_null());
    put_text(context, "account", m->account);
    put_text(context, "token", m->token);
    return context;
}

static enum rc render(const struct rendering *r, const char *text, enum escape escape,
    const json_t *context, const char **ret)
{
    struct template_options options = {.escape = escape};
    struct template *template = NULL;
    STRBUF(b, VALUE_MAX);
    TRY(template_compile(r->s, r->provider->name, text, &options, &template));
    TRY(template_render(r->s, template, context, &b));
    if (b.overflow)
        return fail(r->s, RC_INVALID, "a field of an SMS is too large");
    *ret = strbuf_copy(&b, r->s);
    return RC_OK;
}

/* In the path every value is percent-encoded, so that an account id stays one segment. */
static enum rc render_url(const struct rendering *r, const char *base, const char **ret)
{
    json_t *escaped = json_own(r->s, json_object());
    const char *key, *path = "";
    json_t *value;
    json_object_foreach((json_t *)r->context, key, value)
    {
        STRBUF(b, BODY_MAX);
        if (json_is_string(value))
            provider_escape(&b, json_string_value(value));
        put(escaped, key, json_is_string(value) ? json_string(b.buf) : json_incref(value));
    }
    TRY(render(r, r->provider->path, ESCAPE_TEXT, escaped, &path));
    size_t len = strlen(base);
    *ret = scope_printf(
        r->s, "%.*s%s", (int)(len && base[len - 1] == '/' ? len - 1 : len), base, path);
    return strlen(*ret) < URL_MAX ? RC_OK
                                  : fail(r->s, RC_INVALID, "the provider's URL is too long");
}

static enum rc render_form(const struct rendering *r, struct strbuf *b)
{
    const char *key, *text = "";
    json_t *value;
    json_object_foreach((json_t *)r->provider->fields, key, value)
    {
        if (!json_is_string(value))
            return fail(r->s, RC_INVALID, "field %s of a form must be a string", key);
        TRY(render(r, json_string_value(value), ESCAPE_TEXT, r->context, &text));
        if (!*text)
            continue;
        if (b->len)
            strbuf_addch(b, '&');
        provider_escape(b, key);
        strbuf_addch(b, '=');
        provider_escape(b, text);
    }
    return RC_OK;
}

/* A copy of the document with its texts rendered; NULL for a text that renders empty. */
static enum rc render_json(const struct rendering *r, const json_t *in, json_t **ret) // NOLINT
{
    const char *key, *text = "";
    json_t *value, *made = NULL;
    size_t i;
    if (json_is_object(in)) {
        *ret = json_own(r->s, json_object());
        json_object_foreach((json_t *)in, key, value)
        {
            TRY(render_json(r, value, &made));
            if (made && json_object_set(*ret, key, made) != 0)
                abort();
        }
    } else if (json_is_array(in)) {
        *ret = json_own(r->s, json_array());
        json_array_foreach(in, i, value)
        {
            TRY(render_json(r, value, &made));
            if (made && json_array_append(*ret, made) != 0)
                abort();
        }
    } else if (json_is_string(in)) {
        TRY(render(r, json_string_value(in), ESCAPE_TEXT, r->context, &text));
        *ret = *text ? json_own(r->s, json_string(text)) : NULL;
    } else {
        *ret = (json_t *)in;
    }
    return RC_OK;
}

static enum rc render_body(const struct rendering *r, struct provider_request *ret)
{
    STRBUF(b, BODY_MAX);
    json_t *json = NULL;
    if (!json_is_object(r->provider->fields))
        return fail(r->s, RC_INVALID, "the provider's fields must be an object");
    if (!strcmp(r->provider->encoding, "form")) {
        TRY(render_form(r, &b));
        ret->content_type = "application/x-www-form-urlencoded";
    } else {
        TRY(render_json(r, r->provider->fields, &json));
        strbuf_addstr(&b, json_text(r->s, json));
        ret->content_type = "application/json";
    }
    if (b.overflow)
        return fail(r->s, RC_INVALID, "an SMS request is too large");
    ret->body = strbuf_copy(&b, r->s);
    ret->len = b.len;
    return RC_OK;
}

/* Our header values: a line break in them is an error. */
static enum rc render_auth(const struct rendering *r, struct provider_request *ret)
{
    const struct provider_auth *auth = r->provider->auth;
    const char *value = "";
    if (!strcmp(auth->type, "basic")) {
        TRY(render(r, auth->user ? auth->user : "", ESCAPE_TEXT, r->context, &ret->user));
        return render(r, auth->secret ? auth->secret : "", ESCAPE_TEXT, r->context, &ret->secret);
    }
    if (!strcmp(auth->type, "bearer")) {
        TRY(render(r, auth->secret ? auth->secret : "", ESCAPE_HEADER, r->context, &value));
        ret->header = scope_printf(r->s, "Authorization: Bearer %s", value);
    } else if (!strcmp(auth->type, "header")) {
        if (!auth->header || !auth->value)
            return fail(r->s, RC_INVALID, "the provider's auth has no header or no value");
        TRY(render(r, auth->value, ESCAPE_HEADER, r->context, &value));
        ret->header = scope_printf(r->s, "%s: %s", auth->header, value);
    }
    return RC_OK;
}

enum rc provider_request(struct scope *s, const struct provider *provider, const char *base_url,
    const struct provider_message *message, struct provider_request *ret)
{
    struct rendering r = {.s = s, .provider = provider};
    r.context = context_of(s, provider, message);
    *ret = (struct provider_request){0};
    TRY(render_url(&r, base_url && *base_url ? base_url : provider->base_url, &ret->url));
    TRY(render_body(&r, ret));
    return render_auth(&r, ret);
}
