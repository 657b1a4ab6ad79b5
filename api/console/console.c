#include "api/console/console.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "api/call/dispatch.h"
#include "api/http/language.h"
#include "api/call/page.h"
#include "api/call/session.h"
#include "api/access/staff.h"
#include "api/outbox/outbox.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/shape.h"
#include "templates/label.h"
#include "templates/engine/template.h"

/* {"incidents_write": true, ...}: the permissions of the person, for templates. */
static json_t *scope_words(struct call *c)
{
    json_t *may = json_object();
    for (const char *const *scope = auth_scopes; *scope; scope++) {
        char *word = scope_strdup(c->s, *scope);
        for (char *at = word; *at; at++)
            *at = isalpha((unsigned char)*at) ? *at : '_';
        json_object_set_new(may, word, json_boolean(auth_may(c->key, *scope)));
    }
    return may;
}

static json_t *person(const struct call *c)
{
    return json_pack("{s:s, s:s, s:s?, s:s}", "login", c->staff->login, "name", c->staff->name,
        "email", c->staff->email, "timezone", c->staff->timezone);
}

static const char *words_of(struct call *c, const char *name)
{
    return scope_printf(c->s, "staff_%.*s", (int)strcspn(name, "/"), name);
}

void console_title(json_t *context, const char *name)
{
    json_object_set_new(context, "own_title", json_string(name));
}

/* "Impact windows: Messages arrive late"; without a label, the thing alone. */
static const char *title_of(struct call *c, json_t *context, const char *name)
{
    const char *own = json_get_text(context, "own_title");
    own = own ? own : c->param[0];
    char *key = scope_strdup(c->s, name), *slash = strchr(key, '/');
    if (slash)
        *slash = '_';
    json_t *words = json_object_get(json_object_get(context, "p"), key);
    words = words ? words : json_object_get(json_object_get(context, "t"), key);
    if (!words)
        return own ? own : name;
    const char *what = json_string_value(words);
    return own ? scope_printf(c->s, "%s: %s", what, own) : what;
}

const char *console_locale(struct call *c)
{
    bool chosen;
    const struct language *asked = language_of(c->request, &chosen);
    if (c->staff && !chosen)
        return c->staff->locale;
    return asked->console ? asked->tag : "en";
}

int64_t console_instant(const json_t *object, const char *name)
{
    int64_t at;
    return clock_parse(json_get_word(object, name), &at) ? at : SHAPE_NONE;
}

const char *console_escaped(struct call *c, const char *text)
{
    STRBUF(b, 4096);
    strbuf_addpercent(&b, text);
    return strbuf_copy(&b, c->s);
}

json_t *console_word(struct call *c, json_t *object, const char *name, const char *set)
{
    const char *word = json_get_text(object, name);
    const char *label = label_text(c->s, console_locale(c), set, word);
    json_object_set_new(
        object, scope_printf(c->s, "%s_label", name), label ? json_string(label) : json_null());
    return object;
}

const char *console_incident_path(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/incidents/%s%s", console_escaped(c, c->param[0]), tail);
}

json_t *console_label(struct call *c, json_t *object, const char *name)
{
    return console_word(c, object, name, name);
}

json_t *console_choices(
    struct call *c, const char *const *words, const char *set, const char *selected)
{
    json_t *list = json_array();
    for (; *words; words++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", *words, "label",
                                        label_text(c->s, console_locale(c), set, *words),
                                        "selected", selected && !strcmp(*words, selected)));
    return list;
}

void console_query(struct call *c, struct strbuf *b, const char *name, const char *value)
{
    if (value && *value)
        strbuf_addf(b, "&%s=%s", name, console_escaped(c, value));
}

json_t *console_labelled(struct call *c, json_t *list, const char *name)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) console_label(c, one, name);
    return list;
}

json_t *console_markdown(struct call *c, const json_t *text)
{
    char *html;
    if (markdown_html(c->s, json_string_value(text), &html) != RC_OK)
        return json_null();
    return json_string(html);
}

/* Does nothing leave this installation? Only people signed in are told. */
static bool is_outbox_on(struct call *c)
{
    bool on = false;
    return c->staff && outbox_is_on(c->s, c->db, &on) == RC_OK && on;
}

enum rc console_reply(struct call *c, const char *name, json_t *context)
{
    struct page page = {.api = c->api, .name = scope_printf(c->s, "staff/%s", name)};
    language_of(c->request, &page.chosen);
    page.locale = console_locale(c);
    json_object_set(context, "t", label_set(c->s, page.locale, "staff"));
    json_object_set(context, "p", label_set(c->s, page.locale, words_of(c, name)));
    json_object_set_new(context, "me", c->staff ? person(c) : json_null());
    json_object_set_new(context, "may", c->staff ? scope_words(c) : json_object());
    json_object_set_new(
        context, "csrf", c->staff ? json_string(session_csrf(c, c->staff->session)) : json_null());
    if (c->staff)
        json_object_set_new(context, "zone", json_string(c->staff->timezone));
    json_object_set_new(context, "once", json_string(sign_random(c->s, 16)));
    json_object_set_new(context, "outbox_on", json_boolean(is_outbox_on(c)));
    if (!json_object_get(context, "live"))
        json_object_set_new(context, "live", json_false());
    if (!json_object_get(context, "problem"))
        json_object_set_new(context, "problem", json_null());
    page.title = title_of(c, context, name);
    strbuf_clear(&c->reply.body);
    if (page_render(c->s, &page, context, &c->reply.body) != RC_OK)
        return fail(c->s, RC_INTERNAL, "%s: %s", page.name, c->s->fault.message);
    console_mark(c, context);
    console_times(c);
    if (!c->reply.status)
        c->reply.status = 200;
    page_private(c);
    return RC_OK;
}

/* Adds absent members of the shape as null, since templates refuse unknown names. */
static void complete(json_t *object, const struct shape *shape)
{
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *field = &shape->fields[i];
        json_t *value = json_object_get(object, field->name), *one;
        size_t k;
        if (!value)
            json_object_set_new(object, field->name, json_null());
        else if (field->type == FIELD_OBJECT)
            complete(value, field->of);
        else if (field->type == FIELD_LIST)
            json_array_foreach(value, k, one) complete(one, field->of);
    }
}

static void complete_reply(json_t *json, const struct route *route)
{
    json_t *one;
    size_t i;
    if (!route || !route->reply)
        return;
    if (!route->list)
        complete(json, route->reply);
    json_array_foreach(json_object_get(json, "data"), i, one) complete(one, route->reply);
}

/* The reply of an internal call as JSON (null for 204); releases its body. */
static enum rc answer_of(
    struct call *c, const char *target, enum rc rc, struct call *inner, json_t **ret_json)
{
    *ret_json = json_own(c->s, json_null());
    if (inner->reply.body.len &&
        json_parse(c->s, inner->reply.body.buf, inner->reply.body.len, ret_json) != RC_OK)
        rc = fail(c->s, RC_INTERNAL, "%s did not return JSON", target);
    if (rc == RC_OK)
        complete_reply(*ret_json, inner->route);
    strbuf_release(&inner->reply.body);
    return rc;
}

static enum rc ask(struct call *c, enum verb verb, const char *target, const char *body,
    const char *once, int *ret_status, json_t **ret_json)
{
    struct call inner;
    enum rc rc = dispatch_within(c, verb, target, body, once, &inner);
    *ret_status = inner.reply.status;
    return answer_of(c, target, rc, &inner, ret_json);
}

enum rc console_get(struct call *c, const char *target, json_t **ret_json)
{
    int status;
    enum rc rc = ask(c, GET, target, NULL, NULL, &status, ret_json);
    if (rc == RC_OK)
        return RC_OK;
    const char *detail = json_get_text(*ret_json, "detail");
    return refuse(c, status, "%s", detail ? detail : "");
}

enum rc console_rows(struct call *c, const char *target, json_t **ret_rows)
{
    json_t *list;
    TRY(console_get(c, target, &list));
    *ret_rows = json_object_get(list, "data");
    return RC_OK;
}

enum rc console_all_rows(struct call *c, const char *target, json_t **ret_rows)
{
    json_t *rows = json_own(c->s, json_array()), *list;
    const char *cursor = NULL;
    do {
        STRBUF(at, 8192);
        strbuf_addf(&at, "%s?limit=1000", target);
        console_query(c, &at, "cursor", cursor);
        TRY(console_get(c, at.buf, &list));
        json_array_extend(rows, json_object_get(list, "data"));
        cursor = json_get_text(list, "next_cursor");
    } while (cursor);
    *ret_rows = rows;
    return RC_OK;
}

enum rc console_page_rows(struct call *c, json_t *context, const char *target, json_t **ret_rows)
{
    struct form form = {0};
    json_t *list;
    if (!c->form)
        TRY(form_read(c, &form));
    STRBUF(at, 8192);
    strbuf_addstr(&at, target);
    console_query(c, &at, "cursor", form_text(&form, "cursor", NULL));
    TRY(console_get(c, at.buf, &list));
    json_object_set(context, "next_cursor", json_object_get(list, "next_cursor"));
    *ret_rows = json_object_get(list, "data");
    return RC_OK;
}

bool console_call(
    struct call *c, enum verb verb, const char *target, json_t *body, json_t **ret_json)
{
    int status;
    const char *text = body ? json_text(c->s, body) : NULL;
    const char *once = c->form ? form_get(c->form, "once") : NULL;
    if (ask(c, verb, target, text, once, &status, ret_json) == RC_OK)
        return true;
    c->reply.status = status;
    return false;
}

bool console_upload(struct call *c, const char *target, FILE *upload, json_t **ret_json)
{
    struct call inner;
    enum rc rc = dispatch_upload(c, target, upload, &inner);
    if (answer_of(c, target, rc, &inner, ret_json) == RC_OK)
        return true;
    c->reply.status = inner.reply.status;
    return false;
}

enum rc console_go(struct call *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *target = scope_vprintf(c->s, fmt, ap);
    va_end(ap);
    return session_see_other(c, target);
}

struct texts console_values(struct call *c, const char *name)
{
    const char **at = scope_alloc(c->s, (c->form->n + 1) * sizeof(*at));
    size_t n = 0;
    for (size_t i = 0; i < c->form->n; i++)
        if (!strcmp(c->form->at[i].name, name))
            at[n++] = c->form->at[i].value;
    return (struct texts){.at = at, .n = n};
}
