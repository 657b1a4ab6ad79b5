/* /staff/credits/runs/{id}: a run from draft to issue, and its credits. */
#include <string.h>

#include "api/readers/reader.h"
#include "api/console/confirm.h"
#include "api/console/credits/credits.h"
#include "core/json.h"
#include "templates/label.h"

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

/* What the person may do, or why not. */
static void put_approval(struct call *c, json_t *context, json_t *run)
{
    size_t i;
    json_int_t unread = 0;
    json_t *one, *approval = json_object_get(run, "approval");
    const char *reason = json_get_text(approval, "reason");
    const char *from = json_get_text(approval, "from");
    json_array_foreach(json_object_get(run, "warnings"), i, one) unread +=
        !json_is_integer(json_object_get(one, "acknowledged_by"));
    bool asked = reason && !strcmp(reason, "warnings");
    json_object_set_new(context, "to_read", json_boolean(unread > 0));
    json_object_set_new(context, "unread", asked ? json_integer(unread) : json_null());
    json_object_set_new(context, "may_approve", json_boolean(json_is_object(approval) && !reason));
    json_object_set_new(context, "approval_text",
        json_string(
            label_text(c->s, console_locale(c), "staff_approval", reason ? reason : "may")));
    json_object_set_new(context, "approval_from", from ? json_string(from) : json_null());
}

/* The complaint that a further credit answers. */
static enum rc put_review(struct call *c, json_t *context, const json_t *run)
{
    json_t *review = json_own(c->s, json_null());
    json_int_t id = json_get_int(run, "review");
    if (id && auth_may(c->key, "credits:read"))
        TRY(console_get(c, scope_printf(c->s, "/v1/reviews/%lld", (long long)id), &review));
    if (json_is_object(review))
        console_money(c, review, "amount_minor", "amount");
    json_object_set(context, "review", review);
    return RC_OK;
}

static void put_reasons(struct call *c, json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) console_word(c, one, "reason", "staff_left_out");
}

/* A page of credits, or of the accounts without one, as the search chooses. */
static enum rc put_credits(struct call *c, json_t *context)
{
    static const char *const onlys[] = {"all", "warned", "capped", "zero", NULL};
    struct form form = {0};
    json_t *rows;
    if (!c->form)
        TRY(form_read(c, &form));
    const char *q = form_text(&form, "q", ""), *only = form_text(&form, "only", "all");
    bool zero = !strcmp(only, "zero"), all = !shape_one_of(onlys, only) || !strcmp(only, "all");
    STRBUF(chosen, 4096);
    strbuf_addf(&chosen, "only=%s", all ? "all" : only);
    console_query(c, &chosen, "q", q);
    STRBUF(query, 4096);
    strbuf_addf(&query, "/%s?limit=25", zero ? "left-out" : "credits");
    console_query(c, &query, "q", q);
    if (!zero && !all)
        console_query(c, &query, "only", only);
    TRY(console_page_rows(c, context, credits_run_path(c, query.buf), &rows));
    if (zero)
        put_reasons(c, rows);
    else
        console_money_all(c, rows, "amount_minor", "amount");
    if (!zero)
        credits_states(c, rows);
    json_t *none = json_own(c->s, json_array());
    json_object_set(context, "credits", zero ? none : rows);
    json_object_set(context, "left_out", zero ? rows : none);
    json_object_set_new(context, "none_found", json_boolean(!json_array_size(rows)));
    json_object_set_new(context, "paged", json_boolean(form_get(&form, "cursor") != NULL));
    json_object_set_new(context, "q", json_string(q));
    json_object_set_new(context, "chosen", json_string(strbuf_copy(&chosen, c->s)));
    json_object_set_new(
        context, "onlys", console_choices(c, onlys, "staff_run_only", all ? "all" : only));
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
    TRY(put_review(c, context, run));
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
