/* /staff/credits/items/{id}: one credit with its calculation, and its reversal.
 * /staff/credits/runs/{id}/reconcile: credits due compared with credits issued.
 * /staff/credits/ageing: credits that billing has not acknowledged. */
#include "api/credits/credit_lines.h"
#include "api/readers/reader.h"
#include "api/console/confirm.h"
#include "api/console/credits/credits.h"
#include "core/json.h"
#include "templates/label.h"

static enum rc show(struct call *c, json_t *problem)
{
    static const char *const standing[] = {"issued", "acknowledged", "applied", NULL};
    json_t *context = json_own(c->s, json_object()), *credit, *workings;
    const char *path = scope_printf(c->s, "/v1/credits/%s", console_escaped(c, c->param[0]));
    TRY(console_get(c, path, &credit));
    TRY(console_get(c, scope_printf(c->s, "%s/workings", path), &workings));
    console_put_problem(c, context, problem);
    const char *state = json_get_text(credit, "state");
    credits_state(c, credit);
    console_money(c, credit, "amount_minor", "amount");
    json_object_set(context, "credit", credit);
    json_object_set_new(context, "stands", json_boolean(shape_one_of(standing, state)));
    json_object_set_new(context, "lines",
        credit_lines(&(struct credit_lines){.s = c->s,
            .locale = console_locale(c),
            .currency = json_get_text(credit, "currency"),
            .lines = json_text(c->s, json_object_get(workings, "lines"))}));
    return console_reply(c, "credits/one", context);
}

enum rc console_credit(struct call *c)
{
    return show(c, NULL);
}

static enum rc ask(struct call *c)
{
    json_t *credit;
    const char *id = console_escaped(c, c->param[0]);
    TRY(console_get(c, scope_printf(c->s, "/v1/credits/%s", id), &credit));
    console_money(c, credit, "amount_minor", "amount");
    json_t *facts = json_pack("{s:s, s:s}", "account", json_get_word(credit, "account"), "amount",
        json_get_word(credit, "amount"));
    return confirm_ask(c, "reverse", facts, scope_printf(c->s, "/staff/credits/items/%s", id));
}

enum rc console_credit_post(struct call *c)
{
    if (!confirm_given(c))
        return ask(c);
    json_t *body = json_own(c->s, json_object()), *reply;
    const char *id = console_escaped(c, c->param[0]);
    json_object_set_new(body, "reason", json_string(form_text(c->form, "reason", "")));
    if (!console_call(c, POST, scope_printf(c->s, "/v1/credits/%s/reversal", id), body, &reply))
        return show(c, reply);
    return console_go(c, "/staff/credits/items/%s", id);
}

static enum rc show_differences(struct call *c, json_t *problem)
{
    static const char *const sums[][2] = {{"owed_minor", "owed"}, {"issued_minor", "issued"},
        {"under_minor", "under"}, {"over_minor", "over"}, {"payable_minor", "payable"},
        {"difference_minor", "difference"}};
    json_t *context = json_own(c->s, json_object()), *found;
    TRY(console_get(c, credits_run_path(c, "/reconcile?limit=200"), &found));
    console_put_problem(c, context, problem);
    for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
        console_money_all(c, json_object_get(found, "totals"), sums[i][0], sums[i][1]);
        console_money_all(c, json_object_get(found, "accounts"), sums[i][0], sums[i][1]);
    }
    json_object_set(context, "found", found);
    json_object_set(context, "run_id", json_object_get(found, "run"));
    return console_reply(c, "credits/reconcile", context);
}

enum rc console_reconcile(struct call *c)
{
    return show_differences(c, NULL);
}

enum rc console_reconcile_post(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *reply;
    int64_t run;
    TRY(call_id(c, 0, &run));
    json_object_set_new(body, "reconcile", json_integer(run));
    json_object_set_new(body, "reason", json_string(form_text(c->form, "reason", "")));
    if (!console_call(c, POST, "/v1/credit-runs", body, &reply))
        return show_differences(c, reply);
    return console_go(c, "/staff/credits/runs/%lld", json_get_int(reply, "id"));
}

/* Credits per age: the totals count "older than", the bars the ranges between. */
static json_t *ages(struct call *c, const json_t *total)
{
    static const char *const marks[] = {
        "credits", "over_1_day", "over_7_days", "over_30_days", NULL};
    json_t *list = json_array();
    for (size_t i = 0; marks[i]; i++) {
        json_int_t n = json_get_int(total, marks[i]);
        if (marks[i + 1])
            n -= json_get_int(total, marks[i + 1]);
        json_array_append_new(
            list, json_pack("{s:s, s:I}", "label",
                      label_text(c->s, console_locale(c), "staff_age", marks[i]), "credits", n));
    }
    credits_bars(list, "credits");
    return list;
}

enum rc console_ageing(struct call *c)
{
    json_t *context = json_own(c->s, json_object()), *ageing, *one;
    size_t i;
    TRY(console_get(c, "/v1/credits/ageing", &ageing));
    console_money_all(c, json_object_get(ageing, "totals"), "amount_minor", "amount");
    console_money_all(c, json_object_get(ageing, "oldest"), "amount_minor", "amount");
    json_array_foreach(json_object_get(ageing, "totals"), i, one)
        json_object_set_new(one, "ages", ages(c, one));
    json_object_set(context, "totals", json_object_get(ageing, "totals"));
    json_object_set(context, "oldest", json_object_get(ageing, "oldest"));
    return console_reply(c, "credits/ageing", context);
}
