/* /staff/credits/new-policy: a policy as a form, or as JSON, with a worked example and its cost
 * over past incidents. Whichever of form and JSON was changed last fills the other. */
#include <stdlib.h>
#include <string.h>

#include "api/console/credits/credits.h"
#include "api/console/credits/policy_fields.h"
#include "api/console/credits/policy_panel.h"
#include "api/console/credits/policy_starters.h"
#include "billing/library.h"
#include "billing/policy.h"
#include "billing/words/words.h"
#include "core/json.h"
#include "templates/label.h"

struct form_state {
    json_t *document;
    const char *text;  /* JSON that could not be read, as typed; NULL: the document's */
    const char *fault; /* what is wrong with it */
    json_t *problem;   /* the API's */
};

/* With every default filled in, if the document is right. */
static json_t *complete(struct call *c, json_t *document)
{
    SCOPE(inner);
    struct policy policy;
    json_t *whole;
    if (policy_read(inner, document, &policy) != RC_OK)
        return document;
    const char *text = policy_document(inner, &policy);
    return json_parse(c->s, text, strlen(text), &whole) == RC_OK ? whole : document;
}

static json_t *models(struct call *c, const char *model)
{
    json_t *list = console_choices(c, policy_models, "staff_policy_model", model), *one;
    size_t i;
    json_array_foreach(list, i, one) json_object_set_new(one, "hint",
        json_string(label_text(
            c->s, console_locale(c), "staff_policy_model_hint", json_get_word(one, "value"))));
    return list;
}

static json_t *starters(struct call *c)
{
    json_t *list = json_array();
    for (const struct policy_starter *at = policy_starters; at->name; at++)
        json_array_append_new(
            list, json_pack("{s:s, s:s}", "value", at->name, "label",
                      label_text(c->s, console_locale(c), "staff_policy_starter", at->name)));
    return list;
}

/* Promises that companies publish; staff.js does not ask for them as a person types. */
static json_t *published(struct call *c)
{
    json_t *list = json_array(), *one;
    size_t i;
    if (c->form && !strcmp(form_text(c->form, "do", ""), "refresh"))
        return list;
    json_array_foreach(library_list(), i, one) json_array_append_new(
        list, json_pack("{s:s, s:s, s:s?}", "value", json_get_word(one, "name"), "label",
                  json_get_word(one, "shape"), "who",
                  json_string_value(json_array_get(json_object_get(one, "companies"), 0))));
    return list;
}

/* What the form cannot show, and keeps. */
static void put_other(struct call *c, json_t *context, const json_t *document)
{
    json_t *other = json_own(c->s, policy_other(document)), *value, *names = json_array();
    const char *name;
    json_object_foreach(other, name, value) json_array_append_new(names, json_string(name));
    json_object_set_new(context, "other", json_string(json_text(c->s, other)));
    json_object_set_new(context, "kept", names);
}

static void put_json(struct call *c, json_t *context, const struct form_state *state)
{
    char *text = json_dumps(state->document, JSON_INDENT(2));
    json_object_set_new(context, "document", json_string(state->text ? state->text : text));
    json_object_set_new(context, "was", json_string(json_text(c->s, state->document)));
    json_object_set_new(context, "fault", state->fault ? json_string(state->fault) : json_null());
    free(text);
}

static void put_fault(struct call *c, json_t *context, const struct form_state *state)
{
    const char *detail = state->fault     ? state->fault
                         : state->problem ? policy_wrong(c, state->problem)
                                          : NULL;
    if (detail && !strcmp(c->form ? form_text(c->form, "do", "") : "", "add"))
        json_object_set_new(context, "problem", json_pack("{s:s, s:n}", "detail", detail, "field"));
}

/* A right document in sentences. */
static void put_words(
    struct call *c, json_t *context, const json_t *document, const json_t *components, bool right)
{
    json_t *names = json_own(c->s, json_object()), *one;
    size_t i;
    json_array_foreach((json_t *)components, i, one)
        json_object_set(names, json_get_word(one, "slug"), json_object_get(one, "name"));
    json_object_set_new(context, "words",
        right ? policy_words(&(struct policy_words){
                    .s = c->s, .locale = console_locale(c), .document = document, .names = names})
              : json_null());
}

static enum rc show(struct call *c, struct form_state state)
{
    json_t *context = json_own(c->s, json_object()), *components;
    TRY(console_rows(c, "/v1/components", &components));
    if (!state.problem && !state.fault)
        TRY(policy_panel(c, context, state.document, &state.problem));
    else
        policy_panel_empty(c, context);
    if (state.problem && c->form && !strcmp(form_text(c->form, "do", ""), "add"))
        c->reply.status = 422;
    json_t *filled = complete(c, state.document);
    json_object_set_new(context, "models", models(c, json_get_word(filled, "model")));
    json_object_set_new(context, "starters", starters(c));
    json_object_set_new(context, "published", published(c));
    json_object_set_new(context, "groups", policy_shown(c, filled, components, state.problem));
    put_words(c, context, filled, components, !state.problem && !state.fault);
    put_other(c, context, state.document);
    put_json(c, context, &state);
    put_fault(c, context, &state);
    return console_reply(c, "credits/new_policy", context);
}

static const char *starter_named(const char *name)
{
    for (const struct policy_starter *at = policy_starters; at->name; at++)
        if (name && !strcmp(at->name, name))
            return at->document;
    return policy_starters[0].document;
}

static const char *asked(struct call *c, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < c->request->n_query; i++)
        if (!strcmp(c->request->query[i].name, name))
            value = c->request->query[i].value;
    return value;
}

/* The newest version of a policy, to change it; a published promise; otherwise a starter. */
static enum rc start(struct call *c, json_t **ret)
{
    const char *from = asked(c, "policy"), *published_name = asked(c, "published");
    const char *text = starter_named(asked(c, "starter"));
    json_t *entry;
    if (published_name) {
        if (library_find(c->s, published_name, &entry) != RC_OK)
            return refuse(c, 404, "no published promise \"%s\"", published_name);
        *ret = json_object_get(entry, "policy");
        return RC_OK;
    }
    if (!from)
        return json_parse(c->s, text, strlen(text), ret);
    json_t *list;
    TRY(console_rows(c,
        scope_printf(c->s, "/v1/policies?newest=true&name=%s", console_escaped(c, from)), &list));
    if (!json_array_size(list))
        return refuse(c, 404, "no policy \"%s\"", from);
    *ret = json_object_get(json_array_get(list, 0), "document");
    return RC_OK;
}

enum rc console_new_policy(struct call *c)
{
    json_t *document = NULL;
    TRY(start(c, &document));
    return show(c, (struct form_state){.document = complete(c, document)});
}

/* JSON that was changed since the page was made counts, otherwise the form. */
static struct form_state read_form(struct call *c)
{
    const char *text = form_text(c->form, "document", ""), *was = form_text(c->form, "was", "");
    struct form_state state = {.document = policy_typed(c)};
    json_t *document, *before;
    SCOPE(inner);
    if (!*text || json_parse(inner, was, strlen(was), &before) != RC_OK)
        return state;
    if (json_parse(inner, text, strlen(text), &document) != RC_OK || !json_is_object(document)) {
        state.text = text;
        state.fault = scope_strdup(
            c->s, inner->fault.message
                      ? inner->fault.message
                      : label_text(inner, console_locale(c), "staff_policy_wrong", "document"));
    } else if (!json_equal(document, before)) {
        state.document = json_own(c->s, json_deep_copy(document));
        state.text = text;
    }
    return state;
}

/* What amends policy lint refuses, as a problem of the API; NULL: nothing. */
static json_t *lint_problem(struct call *c, const struct form_state *state)
{
    SCOPE(inner);
    json_t *document = json_own(inner, json_copy(state->document));
    if (!*json_get_word(document, "name"))
        json_object_set_new(document, "name", json_string("preview"));
    if (policy_lint(inner, document) == RC_OK)
        return NULL;
    return json_own(c->s, json_pack("{s:s, s:[{s:s}]}", "detail", inner->fault.message, "errors",
                              "field", inner->fault.field ? inner->fault.field : ""));
}

enum rc console_new_policy_post(struct call *c)
{
    struct form_state state = read_form(c);
    const char *what = form_text(c->form, "do", "");
    json_t *reply;
    if (state.fault)
        c->reply.status = 422;
    if (strcmp(what, "add") != 0 || state.fault) {
        policy_rows(state.document, what);
        state.problem = state.fault ? NULL : lint_problem(c, &state);
        return show(c, state);
    }
    if ((state.problem = lint_problem(c, &state)))
        return show(c, state);
    if (!console_call(c, POST, "/v1/policies", state.document, &reply)) {
        state.problem = reply;
        return show(c, state);
    }
    return console_go(
        c, "/staff/credits/policies/%s", console_escaped(c, json_get_word(reply, "name")));
}
