/* /staff/subscribers/{id}: a subscriber, their deliveries, and actions of staff. */
#include <string.h>

#include "api/http/language.h"
#include "api/readers/reader.h"
#include "api/console/confirm.h"
#include "api/console/console.h"
#include "api/subscribers/subscriber.h"
#include "core/json.h"

static const char *of_subscriber(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/subscribers/%s%s", console_escaped(c, c->param[0]), tail);
}

static bool holds(const json_t *list, const char *word)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) if (!strcmp(json_string_value(one), word)) return true;
    return false;
}

static void add_choice(json_t *list, const char *slug, const char *name, const json_t *chosen)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "slug", slug, "name", name, "checked",
                                    (int)holds(chosen, slug)));
}

/* Components and groups as checkboxes; those subscribed to are selected. */
static enum rc put_choices(struct call *c, const json_t *subscriber, json_t *context)
{
    json_t *list, *known, *one, *components = json_array(), *groups = json_array();
    size_t i;
    json_object_set_new(context, "component_choices", components);
    json_object_set_new(context, "group_choices", groups);
    TRY(console_all_rows(c, "/v1/components", &list));
    TRY(console_get(c, "/v1/component-groups", &known));
    json_array_foreach(list, i, one)
    {
        const char *slug = json_get_text(one, "slug");
        const char *name = json_get_text(one, "name");
        bool archived = json_get_text(one, "archived_at") != NULL;
        if (!archived || holds(json_object_get(subscriber, "components"), slug))
            add_choice(components, slug, name, json_object_get(subscriber, "components"));
    }
    json_array_foreach(json_object_get(known, "data"), i, one)
    {
        add_choice(groups, json_get_text(one, "slug"), json_get_text(one, "name"),
            json_object_get(subscriber, "groups"));
    }
    return RC_OK;
}

static json_t *languages_of(const json_t *subscriber)
{
    json_t *list = json_array();
    const char *locale = json_get_text(subscriber, "locale");
    bool known = false;
    for (const struct language *l = languages; l->tag; l++) {
        known = known || !strcmp(l->tag, locale);
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", l->tag, "label", l->name,
                                        "selected", !strcmp(l->tag, locale)));
    }
    if (!known)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b}", "value", locale, "label", locale, "selected", 1));
    return list;
}

static void put_state(json_t *subscriber, json_t *context)
{
    const char *state = json_get_text(subscriber, "state");
    json_object_set_new(context, "paused", json_boolean(!strcmp(state, "paused")));
    json_object_set_new(context, "active", json_boolean(!strcmp(state, "active")));
    json_object_set_new(context, "pending", json_boolean(!strcmp(state, "pending")));
    json_object_set_new(context, "suppressed", json_boolean(!strcmp(state, "suppressed")));
    json_object_set_new(context, "left", json_boolean(!strcmp(state, "unsubscribed")));
}

static enum rc put_history(struct call *c, json_t *context)
{
    json_t *sent, *agreed, *one;
    size_t i;
    TRY(console_page_rows(c, context, of_subscriber(c, "/deliveries?limit=50"), &sent));
    TRY(console_rows(c, of_subscriber(c, "/consents?limit=200"), &agreed));
    json_array_foreach(sent, i, one)
    {
        console_word(c, one, "kind", "broadcast_kind");
        console_word(c, one, "state", "staff_outcome");
    }
    json_object_set(context, "sent", sent);
    json_object_set(context, "consents", agreed);
    return RC_OK;
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *subscriber;
    struct form form = {0};
    if (c->route->verb == GET)
        TRY(form_read(c, &form));
    TRY(console_get(c, of_subscriber(c, ""), &subscriber));
    console_put_problem(c, context, problem);
    console_word(c, subscriber, "state", "subscriber_state");
    console_label(c, subscriber, "channel");
    put_state(subscriber, context);
    json_object_set(context, "subscriber", subscriber);
    json_object_set_new(context, "done", json_boolean(form_get(&form, "done")));
    const char *verbosity = json_get_text(subscriber, "verbosity");
    json_object_set_new(
        context, "verbosities", console_choices(c, verbosities, "verbosity", verbosity));
    json_object_set_new(context, "locales", languages_of(subscriber));
    TRY(put_choices(c, subscriber, context));
    TRY(put_history(c, context));
    return console_reply(c, "subscribers/one", context);
}

enum rc console_subscriber(struct call *c)
{
    return show(c, NULL);
}

static json_t *values(struct call *c, const char *name)
{
    struct texts texts = console_values(c, name);
    json_t *list = json_array();
    for (size_t i = 0; i < texts.n; i++)
        json_array_append_new(list, json_string(texts.at[i]));
    return list;
}

static void put_text(struct call *c, json_t *body, const char *name)
{
    const char *value = form_text(c->form, name, NULL);
    if (value)
        json_object_set_new(body, name, json_string(value));
}

/* The body of a PATCH for the pressed button. */
static json_t *change_of(struct call *c, const char *act)
{
    json_t *body = json_own(c->s, json_object());
    put_text(c, body, "note");
    if (!strcmp(act, "resume")) {
        json_object_set_new(body, "resume", json_true());
    } else if (!strcmp(act, "pause")) {
        const char *day = form_text(c->form, "until", "");
        json_object_set_new(
            body, "paused_until", json_string(scope_printf(c->s, "%sT00:00:00Z", day)));
    } else {
        json_object_set_new(body, "components", values(c, "component"));
        json_object_set_new(body, "groups", values(c, "group"));
        put_text(c, body, "verbosity");
        put_text(c, body, "locale");
        put_text(c, body, "timezone");
        put_text(c, body, "account");
    }
    return body;
}

static enum rc ask(struct call *c, const char *what)
{
    json_t *subscriber;
    TRY(console_get(c, of_subscriber(c, ""), &subscriber));
    return confirm_ask(c, what, json_pack("{s:s}", "address", json_get_word(subscriber, "address")),
        scope_printf(c->s, "/staff/subscribers/%s", console_escaped(c, c->param[0])));
}

static enum rc end(struct call *c, bool erase)
{
    json_t *reply;
    if (!confirm_given(c))
        return ask(c, erase ? "erase" : "unsubscribe");
    STRBUF(query, 8192);
    strbuf_addf(&query, "?erase=%s", erase ? "true" : "false");
    console_query(c, &query, "note", form_text(c->form, "note", NULL));
    if (!console_call(c, DELETE, of_subscriber(c, strbuf_copy(&query, c->s)), NULL, &reply))
        return show(c, reply);
    if (erase)
        return console_go(c, "/staff/subscribers");
    return console_go(c, "/staff/subscribers/%s?done=1", console_escaped(c, c->param[0]));
}

enum rc console_subscriber_post(struct call *c)
{
    json_t *reply;
    const char *act = form_text(c->form, "do", "");
    if (!strcmp(act, "unsubscribe") || !strcmp(act, "erase"))
        return end(c, !strcmp(act, "erase"));
    bool good = !strcmp(act, "link")
                    ? console_call(c, POST, of_subscriber(c, "/link"), NULL, &reply)
                    : console_call(c, PATCH, of_subscriber(c, ""), change_of(c, act), &reply);
    if (!good)
        return show(c, reply);
    return console_go(c, "/staff/subscribers/%s?done=1", console_escaped(c, c->param[0]));
}
