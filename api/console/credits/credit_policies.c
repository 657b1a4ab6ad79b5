/* /staff/credits/policies: the policies in words, and one with its versions. */
#include <stdlib.h>
#include <string.h>

#include "api/console/credits/credits.h"
#include "billing/words/words.h"
#include "api/readers/credit_how.h"
#include "api/console/translated.h"
#include "core/json.h"
#include "templates/label.h"

/* The names of components by slug. */
static enum rc names_of(struct call *c, json_t **ret)
{
    json_t *list, *one;
    size_t i;
    TRY(console_rows(c, "/v1/components", &list));
    *ret = json_own(c->s, json_object());
    json_array_foreach(list, i, one)
        json_object_set(*ret, json_get_word(one, "slug"), json_object_get(one, "name"));
    return RC_OK;
}

static json_t *words_of(struct call *c, const json_t *policy, const json_t *names)
{
    return policy_words(&(struct policy_words){.s = c->s,
        .locale = console_locale(c),
        .document = json_object_get(policy, "document"),
        .names = names});
}

enum rc console_policies(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *list, *one, *names;
    size_t i;
    TRY(console_page_rows(c, context, "/v1/policies?newest=true&limit=50", &list));
    TRY(names_of(c, &names));
    json_array_foreach(list, i, one) json_object_set_new(one, "words", words_of(c, one, names));
    json_object_set(context, "list", list);
    return console_reply(c, "credits/policies", context);
}

static void put_text(json_t *policy)
{
    char *text = json_dumps(json_object_get(policy, "document"), JSON_INDENT(2));
    json_object_set_new(policy, "text", json_string(text));
    free(text);
}

static const char *const title_part[] = {"title", NULL};

/* Which version everybody can read, and whether it is the newest. */
static void put_shown(struct call *c, json_t *context, const json_t *versions)
{
    json_t *one, *shown = json_null();
    bool newest = false;
    size_t i;
    json_array_foreach(versions, i, one)
    {
        if (!json_get_text(one, "published_at"))
            continue;
        json_t *values =
            json_own(c->s, json_pack("{s:I}", "version", json_get_int(one, "version")));
        const char *label =
            label_text(c->s, console_locale(c), "staff_credits", "published_version");
        shown = json_pack("{s:s}", "text", label_fill(c->s, label, values));
        newest = i == 0;
    }
    json_object_set_new(context, "shown", shown);
    json_object_set_new(context, "is_shown", json_boolean(newest));
    json_object_set_new(
        context, "typed", json_string(c->form ? form_text(c->form, "title", "") : ""));
}

static enum rc show_policy(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *list, *one, *names;
    size_t i;
    const char *name = console_escaped(c, c->param[0]);
    TRY(console_page_rows(
        c, context, scope_printf(c->s, "/v1/policies?limit=20&name=%s", name), &list));
    if (!json_array_size(list))
        return refuse(c, 404, "no policy \"%s\"", c->param[0]);
    console_put_problem(c, context, problem);
    TRY(names_of(c, &names));
    json_array_foreach(list, i, one)
    {
        put_text(one);
        json_object_set_new(one, "words", words_of(c, one, names));
    }
    json_t *newest = json_array_get(list, 0);
    json_object_set(context, "policy", newest);
    json_object_set(context, "words", json_object_get(newest, "words"));
    json_object_set(context, "versions", list);
    json_object_set_new(context, "how",
        json_string(credit_how_path(c->s, c->api->keys, json_get_int(newest, "id"), "")));
    put_shown(c, context, list);
    translated_put(c,
        &(struct translated){.parts = title_part, .own = c->api->config->language, .form = c->form},
        context);
    return console_reply(c, "credits/policy", context);
}

enum rc console_policy(struct call *c)
{
    return show_policy(c, NULL);
}

enum rc console_policy_post(struct call *c)
{
    bool withdraw = !strcmp(form_text(c->form, "do", ""), "withdraw");
    const char *name = console_escaped(c, c->param[0]), *title = form_text(c->form, "title", "");
    const char *target = scope_printf(c->s, "/v1/policies/%s/publication", name);
    json_t *reply, *body = json_own(c->s, json_object());
    json_object_set_new(
        body, "version", json_integer(strtoll(form_text(c->form, "version", "0"), NULL, 10)));
    json_t *translations = json_own(c->s, translated_typed(c, title_part));
    if (json_object_size(translations))
        json_object_set(body, "translations", translations);
    if (*title)
        json_object_set_new(body, "title", json_string(title));
    if (!console_call(c, withdraw ? DELETE : PUT, target, withdraw ? NULL : body, &reply))
        return show_policy(c, reply);
    return console_go(c, "/staff/credits/policies/%s", name);
}
