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
    bool every;     /* template_options.every */
    const char *at; /* the field: for errors */
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
    struct template_options options = {.escape = escape, .every = r->every};
    struct template *template = NULL;
    STRBUF(b, VALUE_MAX);
    TRY(template_compile(r->s, r->at, text, &options, &template));
    TRY(template_render(r->s, template, context, &b));
    if (b.overflow)
        return fail(r->s, RC_INVALID, "%s: is too large", r->at);
    *ret = strbuf_copy(&b, r->s);
    return RC_OK;
}

static enum rc join_url(
    const struct rendering *r, const char *base, const char *path, const char **ret)
{
    size_t len = strlen(base);
    *ret = scope_printf(
        r->s, "%.*s%s", (int)(len && base[len - 1] == '/' ? len - 1 : len), base, path);
    return strlen(*ret) < URL_MAX ? RC_OK : fail(r->s, RC_INVALID, "path: the URL is too long");
}

/* In the path every value is percent-encoded, so that an account id stays one segment. */
static enum rc render_url(struct rendering *r, const char *base, const char **ret)
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
    r->at = "path";
    TRY(render(r, r->provider->path, ESCAPE_TEXT, escaped, &path));
    return join_url(r, base, path, ret);
}

static enum rc render_form(struct rendering *r, struct strbuf *b)
{
    const char *key, *text = "";
    json_t *value;
    json_object_foreach((json_t *)r->provider->fields, key, value)
    {
        if (!json_is_string(value))
            return fail(r->s, RC_INVALID, "field %s of a form must be a string", key);
        r->at = scope_printf(r->s, "fields.%s", key);
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

static enum rc render_json(struct rendering *r, const json_t *in, json_t **ret);

static enum rc render_object(struct rendering *r, const json_t *in, json_t **ret) // NOLINT
{
    const char *key, *at = r->at, *shown = "";
    json_t *value, *made = NULL;
    *ret = json_own(r->s, json_object());
    json_object_foreach((json_t *)in, key, value)
    {
        r->at = scope_printf(r->s, "%s.%s", at, key);
        TRY(render_json(r, value, &made));
        if (!strcmp(key, "$if"))
            shown = made ? shown : NULL;
        else if (made && json_object_set(*ret, key, made) != 0)
            abort();
    }
    r->at = at;
    if (!shown)
        *ret = NULL;
    return RC_OK;
}

/* A copy of the document with its texts rendered; NULL for a text that renders empty. */
static enum rc render_json(struct rendering *r, const json_t *in, json_t **ret) // NOLINT
{
    const char *text = "", *at = r->at;
    json_t *value, *made = NULL;
    size_t i;
    if (json_is_object(in))
        return render_object(r, in, ret);
    if (json_is_array(in)) {
        *ret = json_own(r->s, json_array());
        json_array_foreach(in, i, value)
        {
            r->at = scope_printf(r->s, "%s[%zu]", at, i);
            TRY(render_json(r, value, &made));
            if (made && json_array_append(*ret, made) != 0)
                abort();
        }
        r->at = at;
    } else if (json_is_string(in)) {
        TRY(render(r, json_string_value(in), ESCAPE_TEXT, r->context, &text));
        *ret = *text ? json_own(r->s, json_string(text)) : NULL;
    } else {
        *ret = (json_t *)in;
    }
    return RC_OK;
}

static enum rc render_body(struct rendering *r, struct provider_request *ret)
{
    STRBUF(b, BODY_MAX);
    json_t *json = NULL;
    if (!json_is_object(r->provider->fields))
        return fail(r->s, RC_INVALID, "the provider's fields must be an object");
    if (!strcmp(r->provider->encoding, "form")) {
        TRY(render_form(r, &b));
        ret->content_type = "application/x-www-form-urlencoded";
    } else {
        r->at = "fields";
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

static void add_header(
    struct rendering *r, struct texts *headers, const char *name, const char *value)
{
    const char **all = SCOPE_ARRAY(r->s, const char *, headers->n + 1);
    for (size_t i = 0; i < headers->n; i++)
        all[i] = headers->at[i];
    all[headers->n] = scope_printf(r->s, "%s: %s", name, value);
    *headers = (struct texts){.at = all, .n = headers->n + 1};
}

/* Our header values: a line break in them is an error. */
static enum rc render_auth(struct rendering *r, struct provider_request *ret)
{
    const struct provider_auth *auth = r->provider->auth;
    const char *value = "";
    r->at = "auth";
    if (!strcmp(auth->type, "basic")) {
        TRY(render(r, auth->user ? auth->user : "", ESCAPE_TEXT, r->context, &ret->user));
        return render(r, auth->secret ? auth->secret : "", ESCAPE_TEXT, r->context, &ret->secret);
    }
    if (!strcmp(auth->type, "bearer")) {
        TRY(render(r, auth->secret ? auth->secret : "", ESCAPE_HEADER, r->context, &value));
        add_header(r, &ret->headers, "Authorization", scope_printf(r->s, "Bearer %s", value));
    } else if (!strcmp(auth->type, "header")) {
        if (!auth->header || !auth->value)
            return fail(r->s, RC_INVALID, "auth: has no header or no value");
        TRY(render(r, auth->value, ESCAPE_HEADER, r->context, &value));
        add_header(r, &ret->headers, auth->header, value);
    }
    return RC_OK;
}

static enum rc render_headers(struct rendering *r, struct provider_request *ret)
{
    const char *name, *text = "";
    json_t *value;
    json_object_foreach((json_t *)r->provider->headers, name, value)
    {
        r->at = scope_printf(r->s, "headers.%s", name);
        if (!json_is_string(value) || !*name || strpbrk(name, ": \r\n"))
            return fail(r->s, RC_INVALID, "%s: must be a header with a text", r->at);
        TRY(render(r, json_string_value(value), ESCAPE_HEADER, r->context, &text));
        if (*text)
            add_header(r, &ret->headers, name, text);
    }
    return render_auth(r, ret);
}

enum rc provider_request(struct scope *s, const struct provider *provider, const char *base_url,
    const struct provider_message *message, struct provider_request *ret)
{
    struct rendering r = {.s = s, .provider = provider};
    r.context = context_of(s, provider, message);
    *ret = (struct provider_request){0};
    TRY(render_url(&r, base_url && *base_url ? base_url : provider->base_url, &ret->url));
    TRY(render_body(&r, ret));
    return render_headers(&r, ret);
}

enum rc provider_target(struct scope *s, const struct provider *provider, const char *base_url,
    const char *path, const json_t *context, struct provider_request *ret)
{
    struct rendering r = {.s = s, .provider = provider, .context = context, .at = "path"};
    *ret = (struct provider_request){0};
    TRY(render(&r, path, ESCAPE_TEXT, context, &path));
    TRY(join_url(&r, base_url, path, &ret->url));
    return render_headers(&r, ret);
}

enum rc provider_fields(struct scope *s, const struct provider *provider, const json_t *context,
    bool every, json_t **ret)
{
    struct rendering r = {
        .s = s, .provider = provider, .context = context, .every = every, .at = "fields"};
    return render_object(&r, provider->fields, ret);
}
