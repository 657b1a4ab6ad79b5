#include "api/call/form.h"

#include <string.h>
#include <strings.h>

#include "api/http/multipart.h"
#include "core/json.h"

static enum rc add(struct scope *s, struct form *form, const char *name, const char *value)
{
    if (form->n == FORM_FIELDS)
        return fail(s, RC_INVALID, "more than %d fields", FORM_FIELDS);
    form->at[form->n++] = (struct request_pair){.name = name, .value = value};
    return RC_OK;
}

static enum rc read_query(struct call *c, struct form *form)
{
    for (size_t i = 0; i < c->request->n_query; i++)
        TRY(add(c->s, form, c->request->query[i].name, c->request->query[i].value));
    return RC_OK;
}

static enum rc read_urlencoded(struct call *c, struct form *form)
{
    const char *at = c->request->body, *end = at + c->request->len;
    while (at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop ? stop : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        char *name, *value;
        TRY(request_decode(c->s, at, (size_t)((equals ? equals : stop) - at), true, &name));
        TRY(request_decode(c->s, equals ? equals + 1 : stop,
            equals ? (size_t)(stop - equals - 1) : 0, true, &value));
        TRY(add(c->s, form, name, value));
        at = stop + 1;
    }
    return RC_OK;
}

static enum rc read_json(struct call *c, struct form *form)
{
    json_t *json = NULL, *value;
    const char *name;
    TRY(json_parse(c->s, c->request->body, c->request->len, &json));
    if (!json_is_object(json))
        return fail(c->s, RC_INVALID, "not a JSON object");
    json_object_foreach(json, name, value)
    {
        if (json_is_string(value))
            TRY(add(c->s, form, name, json_string_value(value)));
        else if (json_is_integer(value))
            TRY(add(c->s, form, name,
                scope_printf(c->s, "%lld", (long long)json_integer_value(value))));
    }
    return RC_OK;
}

static enum rc read_parts(struct call *c, struct form *form)
{
    for (size_t i = 0; i < c->request->n_parts; i++)
        TRY(add(c->s, form, c->request->part[i].name, c->request->part[i].value));
    return RC_OK;
}

static bool is_type(const struct call *c, const char *type)
{
    const char *given = c->request->content_type;
    size_t len = strlen(type);
    return given && !strncasecmp(given, type, len) && (!given[len] || strchr("; ", given[len]));
}

enum rc form_read(struct call *c, struct form *ret)
{
    *ret = (struct form){0};
    if (c->route->verb == GET)
        return read_query(c, ret);
    if (c->request->upload)
        return multipart_is(c->request->content_type)
                   ? read_parts(c, ret)
                   : refuse(c, 415, "the body must be a form with a file: multipart/form-data");
    if (is_type(c, "application/x-www-form-urlencoded"))
        return read_urlencoded(c, ret);
    if (is_type(c, "application/json"))
        return read_json(c, ret);
    return refuse(c, 415, "the body must be a form or JSON");
}

const char *form_get(const struct form *form, const char *name)
{
    for (size_t i = 0; name && i < form->n; i++)
        if (!strcmp(form->at[i].name, name))
            return form->at[i].value;
    return NULL;
}

const char *form_text(const struct form *form, const char *name, const char *def)
{
    const char *value = form_get(form, name);
    return value && *value ? value : def;
}
