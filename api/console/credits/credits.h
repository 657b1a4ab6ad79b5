#pragma once
/* The console's pages about credits, and shared functions. */
#include "api/console/console.h"

/* Add "state_label" to each run, credit or review of a list. */
void credits_state(struct call *c, json_t *object);
void credits_states(struct call *c, json_t *list);

/* Complete claims of the API's list: the label of the state, "accepted", "old" for those that
 * wait too long, and due_label, when the time to claim ends or ended, with "passed" and "soon". */
enum { CLAIM_OLD_DAYS = 7, CLAIM_SOON_DAYS = 7 };
void credits_claims(struct call *c, json_t *claims);

/* Add "permille" of the greatest member to each object of a list, for a bar. */
void credits_bars(json_t *list, const char *member);

/* Set a member of the body from the form field of the same name, unless it is empty. As a number:
 * anything else is passed on as text, for the API to refuse by name. */
void credits_take(struct call *c, json_t *body, const char *name);
void credits_take_number(struct call *c, json_t *body, const char *name);

/* Put the input back into context: {name: text}. names is NULL-terminated. */
void credits_typed(struct call *c, json_t *context, const char *const *names);

/* The newest version of each policy as [{value, label, selected}]: "policies" of context. */
enum rc credits_policies(struct call *c, json_t *context, const char *selected);

/* "/v1/credit-runs/{id of the page}" with a suffix. */
const char *credits_run_path(struct call *c, const char *tail);

route_fn console_credits, console_credit_new, console_credit_new_post, console_run,
    console_run_post, console_run_approve_post, console_letter, console_letter_post,
    console_reconcile, console_reconcile_post, console_credit, console_credit_post, console_reviews,
    console_review, console_review_post, console_ageing, console_accounts, console_account_ledger,
    console_account_links_post, console_account_sla, console_policies, console_policy,
    console_policy_post, console_new_policy, console_new_policy_post, console_compare,
    console_claims, console_claims_post, console_claim, console_claim_post, console_alerts,
    console_alerts_post;

extern const struct route_list console_credit_routes;
