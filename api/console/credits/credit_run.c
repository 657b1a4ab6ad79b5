/* /staff/credits/runs/{id}: a run from draft to issue, and its credits. */
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/confirm.h"
#include "api/console/credits/credits.h"
#include "api/access/staff.h"
#include "core/json.h"
#include "templates/label.h"

static void put_left_out(struct call *c, json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *reason = json_get_text(one, "reason");
        json_object_set_new(one, "reason_label",
            json_string(label_text(c->s, console_locale(c), "staff_left_out", reason)));
    }
}

/* The person's id identifies them under any of their keys. */
static bool is_me(struct call *c, const json_t *who)
{
    const char *person = json_get_text(who, "person");
    const char *me = scope_printf(c->s, "staff:%lld", (long long)c->staff->id);
    return person && !strcmp(person, me);
}

static void put_report(struct call *c, json_t *report, json_t *context)
{
    json_t *steps = json_object_get(report, "histogram");
    console_money_all(c, json_object_get(report, "plans"), "amount_minor", "amount");
    console_money_all(c, json_object_get(report, "largest"), "amount_minor", "amount");
    console_money_all(c, json_object_get(report, "distribution"), "p50", "middle");
    console_money_all(c, json_object_get(report, "distribution"), "least", "least_text");
    console_money_all(c, json_object_get(report, "distribution"), "most", "most_text");
    console_money_all(c, steps, "from_minor", "from");
    console_money_all(c, steps, "to_minor", "to");
    credits_bars(steps, "credits");
    put_left_out(c, json_object_get(report, "left_out"));
    json_object_set(context, "report", report);
}

static void put_states(json_t *context, const json_t *run)
{
    static const char *const words[] = {
        "computing", "draft", "approved", "issued", "void", "failed", NULL};
    static const char *const open[] = {"computing", "draft", "approved", NULL};
    static const char *const moving[] = {"computing", "approved", NULL};
    const char *state = json_get_text(run, "state");
    json_t *is = json_object();
    for (size_t i = 0; words[i]; i++)
        json_object_set_new(is, words[i], json_boolean(!strcmp(words[i], state)));
    json_object_set_new(is, "open", json_boolean(shape_one_of(open, state)));
    json_object_set_new(context, "live", json_boolean(shape_one_of(moving, state)));
    json_object_set_new(context, "is", is);
}

static void put_approval(struct call *c, json_t *context, json_t *run)
{
    size_t i, unread = 0;
    json_t *one;
    bool mine = is_me(c, json_object_get(run, "drafted_by"));
    bool two = json_is_true(json_object_get(run, "two_people"));
    json_array_foreach(json_object_get(run, "warnings"), i, one) unread +=
        !json_is_integer(json_object_get(one, "acknowledged_by"));
    json_object_set_new(context, "unread", unread ? json_integer((int)unread) : json_null());
    json_object_set_new(context, "mine", json_boolean(mine && two));
    json_object_set_new(context, "ready", json_boolean(!unread && !(mine && two)));
}

static enum rc put_credits(struct call *c, json_t *context)
{
    json_t *credits;
    TRY(console_page_rows(c, context, credits_run_path(c, "/credits?limit=50"), &credits));
    console_money_all(c, credits, "amount_minor", "amount");
    credits_states(c, credits);
    json_object_set(context, "credits", credits);
    return RC_OK;
}

static enum rc put_letters(struct call *c, json_t *context)
{
    json_t *list;
    TRY(console_get(c,
        scope_printf(
            c->s, "/v1/broadcasts?limit=20&credit_run=%s", console_escaped(c, c->param[0])),
        &list));
    json_object_set(
        context, "letters", console_broadcasts_worded(c, json_object_get(list, "data")));
    return RC_OK;
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *run, *report;
    TRY(console_get(c, credits_run_path(c, ""), &run));
    TRY(console_get(c, credits_run_path(c, "/report"), &report));
    console_put_problem(c, context, problem);
    credits_state(c, run);
    console_warnings(c, json_object_get(run, "warnings"));
    console_money_all(c, json_object_get(run, "totals"), "amount_minor", "amount");
    json_object_set(context, "run", run);
    json_object_set(context, "run_id", json_object_get(run, "id"));
    put_states(context, run);
    put_approval(c, context, run);
    put_report(c, report, context);
    TRY(put_credits(c, context));
    TRY(put_letters(c, context));
    return console_reply(c, "credits/run", context);
}

enum rc console_run(struct call *c)
{
    return show(c, NULL);
}

static enum rc go_back(struct call *c)
{
    return console_go(c, "/staff/credits/runs/%s", console_escaped(c, c->param[0]));
}

/* Before the run is issued or void: its totals. */
static enum rc ask(struct call *c, const char *what)
{
    json_t *run, *one;
    json_int_t credits = 0;
    size_t i;
    TRY(console_get(c, credits_run_path(c, ""), &run));
    json_t *totals = json_object_get(run, "totals");
    json_array_foreach(totals, i, one) credits += json_get_int(one, "credits");
    json_t *facts =
        json_pack("{s:I, s:s, s:I, s:s}", "credits", credits, "amount", confirm_amounts(c, totals),
            "run", (json_int_t)json_get_int(run, "id"), "reason", json_get_word(run, "reason"));
    what = credits == 1 && !strcmp(what, "approve") ? "approve_one" : what;
    return confirm_ask(c, what, facts,
        scope_printf(c->s, "/staff/credits/runs/%s", console_escaped(c, c->param[0])));
}

static json_t *ticked_warnings(struct call *c)
{
    json_t *ids = json_array();
    struct texts ticked = console_values(c, "warning");
    for (size_t i = 0; i < ticked.n; i++)
        json_array_append_new(ids, json_string(ticked.at[i]));
    return json_own(c->s, json_pack("{s:o}", "warnings", ids));
}

enum rc console_run_post(struct call *c)
{
    json_t *reply;
    bool drop = !strcmp(form_text(c->form, "do", ""), "void");
    if (drop && !confirm_given(c))
        return ask(c, "void");
    json_t *body = drop ? NULL : ticked_warnings(c);
    if (!console_call(
            c, POST, credits_run_path(c, drop ? "/void" : "/acknowledge-warnings"), body, &reply))
        return show(c, reply);
    return go_back(c);
}

enum rc console_run_approve_post(struct call *c)
{
    json_t *reply;
    if (!confirm_given(c))
        return ask(c, "approve");
    if (!console_call(c, POST, credits_run_path(c, "/approve"), NULL, &reply))
        return show(c, reply);
    return go_back(c);
}
