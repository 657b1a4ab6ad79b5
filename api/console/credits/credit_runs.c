/* /staff/credits: the runs, and a form to start one. */
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/credits/credits.h"
#include "core/json.h"

static const char *const typed[] = {"policy", "from", "to", "reason", NULL};

enum rc console_credits(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *runs, *one;
    size_t i;
    TRY(console_page_rows(c, context, "/v1/credit-runs?limit=20", &runs));
    credits_states(c, runs);
    json_array_foreach(runs, i, one)
        console_money_all(c, json_object_get(one, "totals"), "amount_minor", "amount");
    json_object_set(context, "runs", runs);
    return console_reply(c, "credits/list", context);
}

static bool is_ticked(struct call *c, const char *ref)
{
    if (!c->form)
        return false;
    struct texts refs = console_values(c, "incident");
    for (size_t i = 0; i < refs.n; i++)
        if (!strcmp(refs.at[i], ref))
            return true;
    return false;
}

static enum rc put_incidents(struct call *c, json_t *context)
{
    json_t *list, *one, *shown = json_array();
    size_t i;
    json_object_set_new(context, "incidents", shown);
    TRY(console_rows(c, "/v1/incidents?limit=50", &list));
    json_array_foreach(list, i, one)
    {
        if (!strcmp(json_get_text(one, "kind"), "maintenance"))
            continue;
        const char *ref = json_get_text(one, "ref");
        json_object_set_new(one, "ticked", json_boolean(is_ticked(c, ref)));
        json_array_append(shown, one);
    }
    return RC_OK;
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object());
    console_put_problem(c, context, problem);
    credits_typed(c, context, typed);
    TRY(put_incidents(c, context));
    TRY(credits_policies(c, context, c->form ? form_get(c->form, "policy") : NULL));
    return console_reply(c, "credits/new", context);
}

enum rc console_credit_new(struct call *c)
{
    return show(c, NULL);
}

/* A day of the form as its first instant in the zone of the person; anything else is passed on for
 * the API to refuse. */
static json_t *instant(struct call *c, const char *name)
{
    const char *day = form_text(c->form, name, "");
    return json_string(console_moment(c, scope_printf(c->s, "%sT00:00", day), ""));
}

static json_t *body_of(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *incidents = json_array();
    struct texts refs = console_values(c, "incident");
    bool period = *form_text(c->form, "from", "") || *form_text(c->form, "to", "");
    for (size_t i = 0; i < refs.n; i++)
        json_array_append_new(incidents, json_string(refs.at[i]));
    credits_take(c, body, "policy");
    credits_take(c, body, "reason");
    if (refs.n || !period)
        json_object_set(body, "incidents", incidents);
    if (period)
        json_object_set_new(body, "period",
            json_pack("{s:o, s:o}", "from", instant(c, "from"), "to", instant(c, "to")));
    json_decref(incidents);
    return body;
}

enum rc console_credit_new_post(struct call *c)
{
    json_t *reply;
    if (!console_call(c, POST, "/v1/credit-runs", body_of(c), &reply))
        return show(c, reply);
    return console_go(c, "/staff/credits/runs/%lld", json_get_int(reply, "id"));
}
