/* /staff/credits/claims/{id}: a claim beside the outage windows of its account and what a policy
 * would give, and the decision. */
#include <string.h>

#include "api/console/confirm.h"
#include "api/console/credits/credits.h"
#include "core/json.h"

static const char *const typed[] = {"decision", "message", NULL};

static const char *of_claim(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/claims/%s%s", console_escaped(c, c->param[0]), tail);
}

/* The chosen policy, else that of the first deadline, else the first. */
static const char *policy_of(const json_t *claim, const json_t *policies, const char *chosen)
{
    const char *asked =
        json_get_text(json_array_get(json_object_get(claim, "deadlines"), 0), "policy");
    const json_t *one;
    const char *wanted[] = {chosen, asked};
    size_t i;
    for (size_t k = 0; k < 2; k++)
        json_array_foreach(policies, i, one)
        {
            if (wanted[k] && !strcmp(json_get_word(one, "value"), wanted[k]))
                return wanted[k];
        }
    return json_get_text(json_array_get(policies, 0), "value");
}

/* "trial": what the policy would give; null without a policy. */
static enum rc put_trial(struct call *c, json_t *context, json_t *claim, const char *chosen)
{
    json_t *trial = NULL, *one;
    size_t i;
    json_object_set_new(context, "trial", json_null());
    TRY(credits_policies(c, context, NULL));
    json_t *policies = json_object_get(context, "policies");
    const char *policy = policy_of(claim, policies, chosen);
    if (!policy)
        return RC_OK;
    TRY(console_get(c,
        of_claim(c, scope_printf(c->s, "/trial?policy=%s", console_escaped(c, policy))), &trial));
    console_money(c, trial, "amount_minor", "amount");
    json_array_foreach(json_object_get(trial, "lines"), i, one)
    {
        json_object_set(one, "currency", json_object_get(trial, "currency"));
        console_money(c, one, "amount_minor", "amount");
    }
    json_object_set_new(trial, "nothing", json_boolean(!json_get_int(trial, "amount_minor")));
    json_array_foreach(policies, i, one) json_object_set_new(
        one, "selected", json_boolean(!strcmp(json_get_word(one, "value"), policy)));
    json_object_set(context, "trial", trial);
    return RC_OK;
}

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *claim, *list = json_own(c->s, json_array());
    struct form query = {0};
    if (!c->form)
        TRY(form_read(c, &query));
    TRY(console_get(c, of_claim(c, ""), &claim));
    const char *state = json_get_word(claim, "state");
    bool may = !strcmp(state, "open") || !strcmp(state, "accepted");
    json_array_append(list, claim);
    credits_claims(c, list);
    console_labelled(c, json_object_get(claim, "windows"), "level");
    console_put_problem(c, context, problem);
    credits_typed(c, context, typed);
    json_object_set(context, "claim", claim);
    json_object_set_new(context, "may_decide", json_boolean(may));
    json_object_set_new(context, "refusing",
        json_boolean(c->form && !strcmp(form_text(c->form, "decision", ""), "declined")));
    TRY(put_trial(c, context, claim, form_get(&query, "policy")));
    console_title(context, json_get_text(claim, "name"));
    return console_reply(c, "credits/claim", context);
}

enum rc console_claim(struct call *c)
{
    return show(c, NULL);
}

enum rc console_claim_post(struct call *c)
{
    json_t *body = json_own(c->s, json_object()), *reply;
    const char *decision = form_text(c->form, "decision", "");
    const char *message = form_text(c->form, "message", "");
    const char *back =
        scope_printf(c->s, "/staff/credits/claims/%s", console_escaped(c, c->param[0]));
    if (!strcmp(decision, "declined") && *message && !confirm_given(c))
        return confirm_ask(c, "decline_claim", json_pack("{s:s}", "claim", c->param[0]), back);
    json_object_set_new(body, "decision", json_string(decision));
    json_object_set_new(body, "message", json_string(message));
    if (!console_call(c, POST, of_claim(c, "/decision"), body, &reply))
        return show(c, reply);
    return console_go(c, "/staff/credits/claims%s%s", strcmp(decision, "declined") ? "" : "/",
        strcmp(decision, "declined") ? "" : console_escaped(c, c->param[0]));
}
