/* /staff/subscribers: search and add subscribers. /staff/subscribers/suppressed: the suppression
 * list. */
#include <ctype.h>
#include <string.h>

#include "api/subscribers/address.h"
#include "api/readers/reader.h"
#include "api/console/confirm.h"
#include "api/console/console.h"
#include "api/subscribers/subscriber.h"
#include "core/json.h"

static const char *const filters[] = {"q", "channel", "state", "component", "account", NULL};

/* Whether it is a complete address, which is looked up by its hash, or a part of one. */
static bool is_whole(const char *text)
{
    const char *at = strchr(text, '@');
    if (strstr(text, "://"))
        return true;
    if (at)
        return at > text && strchr(at, '.') && at[strlen(at) - 1] != '.';
    return *text == '+' && strlen(text) > 8 && strspn(text, "+0123456789 -().") == strlen(text);
}

/* In the notation people paste. */
static const char *trimmed(struct scope *s, const char *text)
{
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    return scope_strndup(s, text, len);
}

static json_t *labelled(struct call *c, json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        console_word(c, one, "state", "subscriber_state");
        console_label(c, one, "channel");
    }
    return list;
}

/* Components to choose from: [{value, label, selected}]. */
static enum rc put_components(struct call *c, const char *chosen, json_t *context)
{
    json_t *list, *one, *shown = json_array();
    size_t i;
    TRY(console_all_rows(c, "/v1/components", &list));
    json_array_foreach(list, i, one)
    {
        json_t *slug = json_object_get(one, "slug");
        json_array_append_new(shown,
            json_pack("{s:O, s:O, s:b}", "value", slug, "label", json_object_get(one, "name"),
                "selected", !strcmp(json_string_value(slug), chosen)));
    }
    json_object_set_new(context, "components", shown);
    return RC_OK;
}

/* The search in the page's and in the API's notation. */
static const char *query_of(struct call *c, const struct form *form, json_t *context)
{
    STRBUF(kept, 8192);
    STRBUF(asked, 8192);
    for (const char *const *name = filters; *name; name++) {
        const char *value = trimmed(c->s, form_text(form, *name, ""));
        json_object_set_new(context, *name, json_string(value));
        console_query(c, &kept, *name, value);
        bool address = !strcmp(*name, "q");
        console_query(c, &asked, !address ? *name : is_whole(value) ? "address" : "part", value);
    }
    json_object_set_new(context, "kept", json_string(strbuf_copy(&kept, c->s)));
    json_object_set_new(context, "searched", json_boolean(kept.len));
    console_query(c, &asked, "cursor", form_text(form, "cursor", NULL));
    return strbuf_copy(&asked, c->s);
}

/* Nobody can type the keys of a browser. */
static void put_addable(json_t *context)
{
    size_t i;
    json_t *one, *list = json_array();
    json_array_foreach(json_object_get(context, "channels"), i,
        one) if (strcmp(json_get_word(one, "value"), "push") != 0) json_array_append(list, one);
    json_object_set_new(context, "addable", list);
}

/* The API's result; a refused search finds nothing and reports the problem, unless there already is
 * another one. */
static json_t *search(
    struct call *c, const char *target, const struct form *form, json_t *problem, json_t *context)
{
    json_t *list;
    if (!console_call(c, GET, target, NULL, &list)) {
        problem = problem ? problem : list;
        list = json_own(c->s, json_object());
    }
    console_put_problem(c, context, problem);
    json_t *rows = json_object_get(list, "data"), *next = json_object_get(list, "next_cursor");
    json_object_set(context, "next_cursor", next ? next : json_own(c->s, json_null()));
    json_object_set_new(context, "channels",
        console_choices(c, channel_name, "channel", form_text(form, "channel", NULL)));
    put_addable(context);
    return rows ? rows : json_own(c->s, json_array());
}

static enum rc show(struct call *c, const struct form *form, json_t *problem)
{
    json_t *context = json_own(c->s, json_object());
    const char *query = query_of(c, form, context);
    TRY(put_components(c, form_text(form, "component", ""), context));
    const char *target = scope_printf(c->s, "/v1/subscribers?limit=50%s", query);
    json_t *rows = search(c, target, form, problem, context);
    json_object_set(context, "subscribers", labelled(c, rows));
    json_object_set_new(context, "states",
        console_choices(c, subscriber_states, "subscriber_state", form_text(form, "state", NULL)));
    json_object_set_new(context, "address", json_string(form_text(form, "address", "")));
    return console_reply(c, "subscribers/list", context);
}

enum rc console_subscribers(struct call *c)
{
    struct form form;
    TRY(form_read(c, &form));
    return show(c, &form, NULL);
}

enum rc console_subscribers_post(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *reply;
    const char *account = form_text(c->form, "account", NULL);
    json_object_set_new(body, "channel", json_string(form_text(c->form, "channel", "email")));
    json_object_set_new(body, "address", json_string(form_text(c->form, "address", "")));
    json_object_set_new(body, "confirmed", json_boolean(*form_text(c->form, "confirmed", "")));
    if (account)
        json_object_set_new(body, "account", json_string(account));
    if (console_call(c, POST, "/v1/subscribers", body, &reply))
        return console_go(c, "/staff/subscribers/%lld", json_get_int(reply, "id"));
    /* The search stays empty, since the input belongs to the form for a new subscriber. */
    struct form again = {.n = 1};
    again.at[0] =
        (struct request_pair){.name = "address", .value = form_text(c->form, "address", "")};
    return show(c, &again, reply);
}

static enum rc show_suppressed(struct call *c, const struct form *form, json_t *problem)
{
    static const char *const words[] = {"address", "channel", "reason", NULL};
    json_t *context = json_own(c->s, json_object());
    STRBUF(query, 8192);
    for (const char *const *name = words; *name; name++) {
        json_object_set_new(context, *name, json_string(form_text(form, *name, "")));
        console_query(c, &query, *name, form_text(form, *name, NULL));
    }
    json_object_set_new(context, "kept", json_string(strbuf_copy(&query, c->s)));
    console_query(c, &query, "cursor", form_text(form, "cursor", NULL));
    const char *target =
        scope_printf(c->s, "/v1/suppressions?limit=50%s", strbuf_copy(&query, c->s));
    json_t *rows = search(c, target, form, problem, context);
    json_object_set(context, "rows", console_labelled(c, rows, "channel"));
    return console_reply(c, "subscribers/suppressed", context);
}

enum rc console_suppressed(struct call *c)
{
    struct form form;
    TRY(form_read(c, &form));
    return show_suppressed(c, &form, NULL);
}

/* A field, if it is filled in; a moment is in the zone of the person. */
static void put_filled(struct call *c, json_t *body, const char *name)
{
    const char *text = form_text(c->form, name, "");
    if (*text)
        json_object_set_new(body, name, json_string(console_moment(c, text, "")));
}

static bool undo_many(struct call *c, json_t **reply)
{
    static const char *const fields[] = {"reason", "since", "until", "note", NULL};
    json_t *body = json_own(c->s, json_object());
    for (const char *const *name = fields; *name; name++)
        put_filled(c, body, *name);
    return console_call(c, POST, "/v1/suppressions/undo", body, reply);
}

enum rc console_suppressed_post(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *reply;
    const char *note = form_text(c->form, "note", "");
    bool good;
    if (!strcmp(form_text(c->form, "do", ""), "remove")) {
        const char *id = console_escaped(c, form_text(c->form, "id", "0"));
        const char *why = console_escaped(c, note);
        good = console_call(
            c, DELETE, scope_printf(c->s, "/v1/suppressions/%s?note=%s", id, why), NULL, &reply);
    } else if (!strcmp(form_text(c->form, "do", ""), "undo")) {
        if (!confirm_given(c))
            return confirm_ask(c, "unsuppress", json_object(), "/staff/subscribers/suppressed");
        good = undo_many(c, &reply);
    } else {
        json_object_set_new(body, "channel", json_string(form_text(c->form, "channel", "email")));
        json_object_set_new(body, "address", json_string(form_text(c->form, "address", "")));
        if (*note)
            json_object_set_new(body, "note", json_string(note));
        good = console_call(c, POST, "/v1/suppressions", body, &reply);
    }
    if (good)
        return console_go(c, "/staff/subscribers/suppressed");
    return show_suppressed(c, &(struct form){0}, reply);
}
