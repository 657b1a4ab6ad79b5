/* /staff/notices: a message to subscribers, all or some, with preview. */
#include <stdlib.h>
#include <string.h>

#include "api/http/language.h"
#include "api/readers/reader.h"
#include "api/call/auth.h"
#include "api/console/console.h"
#include "api/console/scoped.h"
#include "api/access/staff.h"
#include "api/console/translated.h"
#include "core/json.h"

static const char *const parts[] = {"subject", "body", NULL};
static const char *const hold_words[] = {"0", "30", "120", "900", NULL};

static const char *typed(const struct call *c, const char *name, const char *def)
{
    return c->form ? form_text(c->form, name, def) : def;
}

/* The preview, the problem, or the recipient of a test; each may be NULL. */
struct shown {
    json_t *preview, *problem;
    const char *tested;
};

/* Languages for the preview: those of the pages, and of the variants in the form. */
static json_t *locales_of(struct call *c)
{
    json_t *list = json_array(), *variants = json_own(c->s, translated_typed(c, parts));
    const char *chosen = typed(c, "locale", console_locale(c)), *tag;
    json_t *variant;
    for (const struct language *l = languages; l->tag; l++) {
        json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "value", l->tag, "label", l->name,
                                        "selected", !strcmp(chosen, l->tag)));
        json_object_del(variants, l->tag);
    }
    json_object_foreach(variants, tag, variant) json_array_append_new(list,
        json_pack("{s:s, s:s, s:b}", "value", tag, "label", tag, "selected", !strcmp(chosen, tag)));
    return list;
}

/* Recent notices and their progress. */
static enum rc put_recent(struct call *c, json_t *context)
{
    json_t *list;
    TRY(console_rows(c, "/v1/broadcasts?kind=notice&limit=20", &list));
    json_object_set(context, "recent", list);
    return RC_OK;
}

/* The audience that was typed; NULL: everybody. */
static json_t *audience_of(struct call *c)
{
    json_t *audience = scoped_typed(c, &(struct scoped){0}),
           *accounts = json_object_get(audience, "accounts");
    json_t *names = json_own(c->s, scoped_lines(c, "scope_accounts"));
    static const char *const lists[] = {"plans", "components"};
    if (accounts)
        json_object_set(audience, "accounts", names);
    for (size_t i = 0; i < 2; i++) {
        json_t *lines = json_own(c->s, scoped_lines(c, lists[i]));
        if (json_array_size(lines))
            json_object_set(audience, lists[i], lines);
    }
    const char *run = typed(c, "credit_run", "");
    if (*run)
        json_object_set_new(audience, "credit_run", json_integer(strtoll(run, NULL, 10)));
    return json_object_size(audience) ? audience : NULL;
}

/* Issued runs to choose from. */
static enum rc put_runs(struct call *c, json_t *context)
{
    json_t *list, *one, *runs = json_array();
    size_t i;
    int64_t chosen = strtoll(typed(c, "credit_run", "0"), NULL, 10);
    json_object_set_new(context, "runs", runs);
    if (!auth_may(c->key, "credit-runs:read"))
        return RC_OK;
    TRY(console_rows(c, "/v1/credit-runs?limit=50", &list));
    json_array_foreach(list, i, one)
    {
        json_int_t id = json_get_int(one, "id");
        if (!strcmp(json_get_word(one, "state"), "issued"))
            json_array_append_new(runs,
                json_pack("{s:I, s:s, s:b}", "id", id, "label",
                    scope_printf(c->s, "%lld: %s", (long long)id, json_get_word(one, "reason")),
                    "selected", id == chosen));
    }
    return RC_OK;
}

static enum rc put_audience(struct call *c, json_t *preview, json_t *context)
{
    json_t *lists;
    TRY(scoped_lists(c, &lists));
    scoped_put(c, &(struct scoped){0}, lists, context);
    json_object_set_new(context, "narrowed", json_boolean(audience_of(c) != NULL));
    json_object_set_new(context, "plans", json_string(typed(c, "plans", "")));
    json_object_set_new(context, "components", json_string(typed(c, "components", "")));
    json_object_set(context, "readers",
        preview ? console_labelled(c, json_object_get(preview, "audience"), "channel")
                : json_own(c->s, json_array()));
    return put_runs(c, context);
}

static enum rc show(struct call *c, struct shown shown)
{
    json_t *context = json_own(c->s, json_object());
    scoped_name_errors(c, &(struct scoped){0}, shown.problem, "audience");
    console_put_problem(c, context, shown.problem);
    json_object_set(
        context, "preview", shown.preview ? shown.preview : json_own(c->s, json_null()));
    json_object_set_new(context, "tested", shown.tested ? json_string(shown.tested) : json_null());
    json_object_set_new(context, "seen", json_boolean(shown.preview || shown.tested));
    json_object_set_new(context, "locales", locales_of(c));
    struct translated texts = {
        .parts = parts, .own = c->api->config->language, .form = c->form, .any = true};
    TRY(translated_readers(c, &texts.readers));
    translated_put(c, &texts, context);
    json_object_set_new(context, "subject", json_string(typed(c, "subject", "")));
    json_object_set_new(context, "body", json_string(typed(c, "body", "")));
    json_object_set_new(context, "per_minute", json_string(typed(c, "per_minute", "")));
    json_object_set_new(
        context, "holds", console_choices(c, hold_words, "staff_hold", typed(c, "hold", "120")));
    TRY(put_audience(c, shown.preview, context));
    TRY(put_recent(c, context));
    return console_reply(c, "notices", context);
}

enum rc console_notice(struct call *c)
{
    return show(c, (struct shown){0});
}

static json_t *body_of(struct call *c)
{
    json_t *body = json_own(c->s, json_object());
    json_object_set_new(body, "subject", json_string(typed(c, "subject", "")));
    json_object_set_new(body, "body", json_string(typed(c, "body", "")));
    json_object_set_new(body, "variants", translated_typed(c, parts));
    json_t *audience = audience_of(c);
    if (audience)
        json_object_set(body, "audience", audience);
    return body;
}

static enum rc post(struct call *c, json_t *body)
{
    json_t *reply;
    long per_minute = strtol(typed(c, "per_minute", "0"), NULL, 10);
    json_object_set_new(
        body, "hold_seconds", json_integer(strtol(typed(c, "hold", "0"), NULL, 10)));
    if (per_minute > 0)
        json_object_set_new(body, "per_minute", json_integer(per_minute));
    if (!console_call(c, POST, "/v1/notices", body, &reply))
        return show(c, (struct shown){.problem = reply});
    return console_go(c, "/staff/broadcasts/%lld", json_get_int(reply, "broadcast"));
}

enum rc console_notice_post(struct call *c)
{
    json_t *reply, *body = body_of(c);
    if (!strcmp(typed(c, "do", ""), "send"))
        return post(c, body);
    bool test = !strcmp(typed(c, "do", ""), "test");
    const char *to = c->staff->email ? c->staff->email : "";
    json_object_set_new(body, "locale", json_string(typed(c, "locale", "en")));
    if (test)
        json_object_set_new(body, "to", json_string(to));
    if (!console_call(c, POST, test ? "/v1/notices/test" : "/v1/notices/preview", body, &reply))
        return show(c, (struct shown){.problem = reply});
    return show(c, test ? (struct shown){.tested = to} : (struct shown){.preview = reply});
}
