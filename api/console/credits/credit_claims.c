/* /staff/credits/claims: what customers claim, and one run for several accepted claims. */
#include <stdlib.h>
#include <string.h>

#include "api/console/credits/credits.h"
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

void credits_claims(struct call *c, json_t *claims)
{
    size_t i;
    json_t *claim;
    json_array_foreach(claims, i, claim)
    {
        json_int_t days = json_get_int(claim, "open_days");
        json_object_set_new(claim, "accepted", json_boolean(is_accepted(claim)));
        json_object_set_new(claim, "old", json_boolean(days >= CLAIM_OLD_DAYS));
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

static enum rc show(struct call *c, json_t *problem)
{
    json_t *context = json_own(c->s, json_object()), *waiting, *decided;
    TRY(console_get(c, "/v1/claims?state=waiting&limit=500", &waiting));
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
