#include "api/docs/example.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"

enum { CURL_MAX = 64 * 1024 };

static json_t *object(const struct shape *shape);

/* Values that read well, by the name of the field. */
static const char *text_of(const struct field *field)
{
    static const struct {
        const char *name, *value;
    } texts[] = {{"slug", "api"}, {"component", "api"}, {"name", "API"}, {"title", "API errors"},
        {"body", "We are looking into it."}, {"address", "ann@customer.example"},
        {"email", "ann@customer.example"}, {"currency", "EUR"}, {"timezone", "Europe/Berlin"},
        {"locale", "en"}, {"policy", "ten-times"}, {"reason", "API errors"}, {"login", "ann"},
        {"subject", "A change"}, {"external_id", "acme"}, {"account", "acme"},
        {"ref", "api-errors"}, {"url", "https://customer.example/"}, {"label", "Help"},
        {"note", "asked by mail"}, {"secret", "correct horse battery staple"}};
    if (field->one_of)
        return field->def && *field->def ? field->def : field->one_of[0];
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!strcmp(texts[i].name, field->name))
            return texts[i].value;
    return field->def && *field->def ? field->def : "text";
}

static const char *time_of(const struct field *field)
{
    return !strcmp(field->name, "from") ? "2026-01-31T11:00:00Z" : "2026-01-31T12:00:00Z";
}

static json_t *formed(const struct field *field)
{
    switch (field->form) {
    case FORM_LIST:
        return json_pack("[o]", field->of ? object(field->of) : json_object());
    case FORM_TEXTS:
        return json_pack("[s]", "api");
    case FORM_INTS:
    case FORM_IDS:
        return json_pack("[i]", 1);
    case FORM_TEXT:
        return json_string(text_of(field));
    case FORM_INT:
        return json_integer(1);
    case FORM_BOOL:
        return json_true();
    case FORM_OBJECT:
        return field->of ? object(field->of) : json_object();
    default:
        return json_object();
    }
}

static json_t *value(const struct field *field)
{
    switch (field->type) {
    case FIELD_TEXT:
        return json_string(text_of(field));
    case FIELD_INT:
        return json_integer(field->def       ? strtoll(field->def, NULL, 10)
                            : field->min > 1 ? field->min
                                             : 1);
    case FIELD_BOOL:
        return json_true();
    case FIELD_TIME:
        return json_string(time_of(field));
    case FIELD_DATE:
        return json_string("2026-01-31");
    case FIELD_DECIMAL:
        return json_string("10");
    case FIELD_TEXTS:
        return json_pack("[s]", field->one_of ? field->one_of[0] : text_of(field));
    case FIELD_OBJECT:
        return object(field->of);
    case FIELD_LIST:
        return json_pack("[o]", object(field->of));
    default:
        return formed(field);
    }
}

static json_t *object(const struct shape *shape)
{
    json_t *all = json_object();
    for (size_t i = 0; i < shape->n; i++)
        if (shape->fields[i].required)
            json_object_set_new(all, shape->fields[i].name, value(&shape->fields[i]));
    if (!json_object_size(all) && shape->n)
        json_object_set_new(all, shape->fields[0].name, value(&shape->fields[0]));
    return all;
}

const char *example_body(struct scope *s, const struct route *route)
{
    if (!route->body || route->raw)
        return NULL;
    json_t *body = json_own(s, object(route->body));
    char *text = json_dumps(body, JSON_INDENT(2));
    if (!text)
        abort();
    const char *kept = scope_strdup(s, text);
    free(text);
    return kept;
}

/* "/v1/incidents/{ref}": "/v1/incidents/REF", with the required parameters of the query. */
static void add_target(struct strbuf *b, const struct route *route)
{
    bool inside = false;
    for (const char *at = route->path; *at; at++) {
        if (*at != '{' && *at != '}')
            strbuf_addch(b, (char)(inside ? toupper((unsigned char)*at) : *at));
        inside = *at == '{' || (inside && *at != '}');
    }
    char between = '?';
    for (size_t i = 0; route->query && i < route->query->n; i++) {
        const struct field *field = &route->query->fields[i];
        if (!field->required)
            continue;
        const char *text = field->type == FIELD_TEXT   ? text_of(field)
                           : field->type == FIELD_TIME ? time_of(field)
                                                       : "1";
        strbuf_addf(b, "%c%s=%s", between, field->name, text);
        between = '&';
    }
}

static bool is_safe(const struct route *route)
{
    return route->verb == GET;
}

/* For a shell: an apostrophe ends, escapes and reopens the quotes. */
static void add_quoted(struct strbuf *b, const char *text)
{
    strbuf_addch(b, '\'');
    for (; *text; text++)
        if (*text == '\'')
            strbuf_addstr(b, "'\\''");
        else
            strbuf_addch(b, *text);
    strbuf_addch(b, '\'');
}

const char *example_curl(
    struct scope *s, const struct route *route, const char *url, const char *body)
{
    STRBUF(b, CURL_MAX);
    strbuf_addstr(&b, "curl ");
    if (!is_safe(route) && !(route->verb == POST && (body || route->takes)))
        strbuf_addf(&b, "-X %s ", verb_name(route->verb));
    strbuf_addf(&b, "'%s", url);
    add_target(&b, route);
    strbuf_addch(&b, '\'');
    if (route->scope)
        strbuf_addstr(&b, " \\\n  -H \"Authorization: Bearer $AMENDS_KEY\"");
    if (route->takes && !body)
        strbuf_addf(&b, " \\\n  -H 'Content-Type: %.*s' --data-binary @FILE",
            (int)strcspn(route->takes, ","), route->takes);
    if (body) {
        strbuf_addstr(&b, " \\\n  -H 'Content-Type: application/json' -d ");
        add_quoted(&b, body);
    }
    return strbuf_copy(&b, s);
}
