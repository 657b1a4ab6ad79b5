/* /staff/access: people and their roles, API keys, the audit log. */
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/access/access.h"
#include "api/console/confirm.h"
#include "api/access/staff.h"
#include "core/json.h"

/* Words as checkboxes; those in held are selected. */
static json_t *boxes(const char *const *words, json_t *held)
{
    json_t *list = json_array(), *one;
    for (; *words; words++) {
        bool ticked = false;
        size_t i;
        json_array_foreach(held, i, one) ticked = ticked || !strcmp(json_string_value(one), *words);
        json_array_append_new(list, json_pack("{s:s, s:b}", "word", *words, "ticked", ticked));
    }
    return list;
}

/* What an action did: the address that a link went to, or a key, which is shown once. */
struct shown {
    json_t *problem;
    const char *sent_to;
    const char *key;
};

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

/* The links of a person with Slack. */
static json_t *links_of(const json_t *person, json_t *links)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(links, i, one)
    {
        if (!strcmp(json_get_word(one, "login"), json_get_word(person, "login")))
            json_array_append(list, one);
    }
    return list;
}

static enum rc show_people(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object()), *list, *links, *one;
    size_t i;
    TRY(console_page_rows(c, context, "/v1/staff?limit=50", &list));
    TRY(console_all_rows(c, "/v1/slack-links", &links));
    json_array_foreach(list, i, one)
    {
        json_object_set_new(one, "boxes", boxes(staff_roles, json_object_get(one, "roles")));
        json_object_set_new(one, "slack", links_of(one, links));
    }
    console_put_problem(c, context, shown.problem);
    json_object_set(context, "people", list);
    json_object_set_new(context, "boxes", boxes(staff_roles, NULL));
    json_object_set_new(context, "sent_to", text_or_null(shown.sent_to));
    return console_reply(c, "access/people", context);
}

enum rc console_people(struct call *c)
{
    return show_people(c, (struct shown){0});
}

static json_t *texts_json(struct texts texts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < texts.n; i++)
        json_array_append_new(list, json_string(texts.at[i]));
    return list;
}

static const char *of_person(struct call *c, const char *tail)
{
    return scope_printf(
        c->s, "/v1/staff/%s%s", console_escaped(c, form_text(c->form, "id", "0")), tail);
}

static enum rc invite(struct call *c, const char *target)
{
    json_t *reply;
    if (!console_call(c, POST, target, NULL, &reply))
        return show_people(c, (struct shown){.problem = reply});
    return show_people(c, (struct shown){.sent_to = json_get_text(reply, "sent_to")});
}

static enum rc add_person(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *reply;
    json_object_set_new(body, "login", json_string(form_text(c->form, "login", "")));
    json_object_set_new(body, "name", text_or_null(form_text(c->form, "name", NULL)));
    json_object_set_new(body, "email", text_or_null(form_text(c->form, "email", NULL)));
    json_object_set_new(body, "roles", texts_json(console_values(c, "role")));
    if (!console_call(c, POST, "/v1/staff", body, &reply))
        return show_people(c, (struct shown){.problem = reply});
    if (!json_get_text(reply, "email"))
        return console_go(c, "/staff/access");
    long long id = json_get_int(reply, "id");
    return invite(c, scope_printf(c->s, "/v1/staff/%lld/invitation", id));
}

static enum rc change_person(struct call *c, json_t *change)
{
    json_t *reply;
    if (!console_call(c, PATCH, of_person(c, ""), json_own(c->s, change), &reply))
        return show_people(c, (struct shown){.problem = reply});
    return console_go(c, "/staff/access");
}

static enum rc end_slack(struct call *c)
{
    json_t *reply;
    const char *id = console_escaped(c, form_text(c->form, "id", "0"));
    if (!console_call(c, DELETE, scope_printf(c->s, "/v1/slack-links/%s", id), NULL, &reply))
        return show_people(c, (struct shown){.problem = reply});
    return console_go(c, "/staff/access");
}

enum rc console_people_post(struct call *c)
{
    const char *act = form_text(c->form, "do", "");
    if ((!strcmp(act, "totp") || !strcmp(act, "disable")) && !confirm_given(c))
        return confirm_ask_named(c, act, "/v1/staff", "/staff/access");
    if (!strcmp(act, "add"))
        return add_person(c);
    if (!strcmp(act, "invite"))
        return invite(c, of_person(c, "/invitation"));
    if (!strcmp(act, "email"))
        return change_person(c, json_pack("{s:s}", "email", form_text(c->form, "email", "")));
    if (!strcmp(act, "roles"))
        return change_person(c, json_pack("{s:o}", "roles", texts_json(console_values(c, "role"))));
    if (!strcmp(act, "totp"))
        return change_person(c, json_pack("{s:b}", "drop_totp", 1));
    if (!strcmp(act, "enable"))
        return change_person(c, json_pack("{s:s}", "access", "enabled"));
    if (!strcmp(act, "disable"))
        return change_person(c, json_pack("{s:s}", "access", "disabled"));
    if (!strcmp(act, "slack"))
        return end_slack(c);
    return refuse(c, 422, "This form requests an unknown action.");
}

static enum rc show_keys(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object()), *list;
    TRY(console_page_rows(c, context, "/v1/keys?limit=50", &list));
    console_put_problem(c, context, shown.problem);
    json_object_set(context, "keys", list);
    json_object_set_new(context, "boxes", boxes(auth_scopes, NULL));
    json_object_set_new(context, "key", text_or_null(shown.key));
    return console_reply(c, "access/keys", context);
}

enum rc console_keys(struct call *c)
{
    return show_keys(c, (struct shown){0});
}

static enum rc add_key(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *reply;
    const char *day = form_text(c->form, "expires", NULL);
    json_object_set_new(body, "name", json_string(form_text(c->form, "name", "")));
    const char *account = form_text(c->form, "account", NULL);
    if (account)
        json_object_set_new(body, "account", json_string(account));
    else
        json_object_set_new(body, "scopes", texts_json(console_values(c, "scope")));
    if (day)
        json_object_set_new(
            body, "expires_at", json_string(scope_printf(c->s, "%sT00:00:00Z", day)));
    if (!console_call(c, POST, "/v1/keys", body, &reply))
        return show_keys(c, (struct shown){.problem = reply});
    return show_keys(c, (struct shown){.key = json_get_text(reply, "key")});
}

enum rc console_keys_post(struct call *c)
{
    json_t *reply;
    if (strcmp(form_text(c->form, "do", ""), "revoke") != 0)
        return add_key(c);
    if (!confirm_given(c))
        return confirm_ask_named(c, "revoke", "/v1/keys", "/staff/access/keys");
    const char *id = console_escaped(c, form_text(c->form, "id", "0"));
    if (!console_call(c, DELETE, scope_printf(c->s, "/v1/keys/%s", id), NULL, &reply))
        return show_keys(c, (struct shown){.problem = reply});
    return console_go(c, "/staff/access/keys");
}
