/* /staff/credits/claims: what customers claim, and one run for several accepted claims. */
#include <stdlib.h>
#include <string.h>

#include "api/console/credits/credits.h"
#include "api/call/form.h"
#include "core/json.h"
#include "templates/label.h"

static const char *const typed[] = {"reason", NULL};

static bool is_accepted(const json_t *claim)
{
    return !strcmp(json_get_word(claim, "state"), "accepted");
}

static bool is_ticked(const struct texts *ticked, json_int_t id)
{
    for (size_t i = 0; i < ticked->n; i++)
        if (strtoll(ticked->at[i], NULL, 10) == id)
            return true;
    return false;
}

/* "in 3 days", "today", "4 days ago". */
static void put_due(struct call *c, json_t *claim)
{
    const json_t *due = json_object_get(claim, "due_days");
    json_int_t days = json_integer_value(due);
    bool passed = days < 0;
    const char *name = !days        ? "due_today"
                       : days == 1  ? "due_in_one"
                       : days == -1 ? "due_passed_one"
                       : passed     ? "due_passed"
                                    : "due_in";
    json_t *values = json_own(c->s, json_pack("{s:I}", "n", passed ? -days : days));
    const char *label = label_text(c->s, console_locale(c), "staff_credits", name);
    json_object_set_new(claim, "due_label",
        json_is_integer(due) ? json_string(label_fill(c->s, label, values)) : json_null());
    json_object_set_new(claim, "passed", json_boolean(passed));
    json_object_set_new(claim, "soon", json_boolean(!passed && days < CLAIM_SOON_DAYS));
}

void credits_claims(struct call *c, json_t *claims)
{
    size_t i;
    json_t *claim;
    json_array_foreach(claims, i, claim)
    {
        json_int_t days = json_get_int(claim, "open_days");
        json_object_set_new(claim, "accepted", json_boolean(is_accepted(claim)));
        json_object_set_new(claim, "old", json_boolean(days >= CLAIM_OLD_DAYS));
        put_due(c, claim);
        console_word(c, claim, "state", "staff_claim_state");
    }
}

/* Those that are accepted can be chosen for a run: at first all of them. */
static void put_choice(struct call *c, json_t *context, json_t *waiting)
{
    struct texts ticked = c->form ? console_values(c, "claim") : (struct texts){0};
    bool some = false;
    size_t i;
    json_t *claim;
    json_array_foreach(waiting, i, claim)
    {
        json_int_t id = json_get_int(claim, "id");
        json_object_set_new(claim, "ticked", json_boolean(!c->form || is_ticked(&ticked, id)));
        some = some || is_accepted(claim);
    }
    json_object_set_new(context, "accepted_some", json_boolean(some));
}

/* The filter of those that wait, of the query: [{value, label, selected}]. Returns the chosen one.
 */
static enum rc put_filter(struct call *c, json_t *context, const char **ret)
{
    static const char *const dues[] = {"all", "soon", "passed", NULL};
    struct form query = {0};
    if (!c->form)
        TRY(form_read(c, &query));
    const char *due = form_text(&query, "due", "all");
    *ret = dues[0];
    for (size_t i = 1; dues[i]; i++)
        if (!strcmp(due, dues[i]))
            *ret = dues[i];
    json_object_set_new(context, "dues", console_choices(c, dues, "staff_claim_due", *ret));
    return RC_OK;
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *waiting, *decided;
    const char *due;
    TRY(put_filter(c, context, &due));
    TRY(console_get(c,
        scope_printf(c->s, "/v1/claims?state=waiting&limit=500%s%s",
            strcmp(due, "all") != 0 ? "&due=" : "", strcmp(due, "all") != 0 ? due : ""),
        &waiting));
    TRY(console_page_rows(c, context, "/v1/claims?state=decided&limit=50", &decided));
    waiting = json_object_get(waiting, "data");
    credits_claims(c, waiting);
    credits_claims(c, decided);
    put_choice(c, context, waiting);
    console_put_problem(c, context, problem);
    credits_typed(c, context, typed);
    TRY(credits_policies(c, context, c->form ? form_get(c->form, "policy") : NULL));
    json_object_set(context, "waiting", waiting);
    json_object_set(context, "decided", decided);
    return console_reply(c, "credits/claims", context);
}

enum rc console_claims(struct call *c)
{
    return show(c, NULL);
}

enum rc console_claims_post(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *ids = json_array(), *reply;
    struct texts ticked = console_values(c, "claim");
    for (size_t i = 0; i < ticked.n; i++)
        json_array_append_new(ids, json_integer(strtoll(ticked.at[i], NULL, 10)));
    json_object_set_new(body, "claims", ids);
    credits_take(c, body, "policy");
    credits_take(c, body, "reason");
    if (!console_call(c, POST, "/v1/claims/run", body, &reply))
        return show(c, reply);
    return console_go(c, "/staff/credits/runs/%lld", json_get_int(reply, "id"));
}
