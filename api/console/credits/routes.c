#include "api/console/credits/credits.h"

static const struct route rows[] = {
    STAFF(GET, "/staff/credits", "credit-runs:read", desk_credits, "The runs."),
    STAFF(GET, "/staff/credits/new", "credit-runs:write", desk_credit_new, "Ask for a draft."),
    STAFF(POST, "/staff/credits/new", "credit-runs:write", desk_credit_new_do, "Compute it."),
    STAFF(GET, "/staff/credits/runs/{id}", "credit-runs:read", desk_run,
        "A run from its draft until it is issued."),
    STAFF(POST, "/staff/credits/runs/{id}", "credit-runs:write", desk_run_do,
        "Acknowledge warnings, or drop the run."),
    STAFF(POST, "/staff/credits/runs/{id}/approve", "credit-runs:approve", desk_run_approve_do,
        "Issue its credits."),
    STAFF(GET, "/staff/credits/runs/{id}/letter", "credit-runs:write", desk_letter,
        "Write to the credited accounts."),
    STAFF(POST, "/staff/credits/runs/{id}/letter", "credit-runs:write", desk_letter_do,
        "See it, try it, send it."),
    STAFF(GET, "/staff/credits/runs/{id}/reconcile", "credit-runs:read", desk_reconcile,
        "Owed against issued."),
    STAFF(POST, "/staff/credits/runs/{id}/reconcile", "credit-runs:write", desk_reconcile_do,
        "Draft the differences."),
    STAFF(GET, "/staff/credits/items/{id}", "credits:read", desk_credit, "One credit."),
    STAFF(POST, "/staff/credits/items/{id}", "credits:write", desk_credit_do, "Take it back."),
    STAFF(GET, "/staff/credits/reviews", "credits:read", desk_reviews,
        "What is said to be too little."),
    STAFF(GET, "/staff/credits/reviews/{id}", "credit-runs:write", desk_review, "One of them."),
    STAFF(POST, "/staff/credits/reviews/{id}", "credit-runs:write", desk_review_do, "Answer it."),
    STAFF(GET, "/staff/credits/ageing", "credits:read", desk_ageing,
        "What billing has not taken over."),
    STAFF(GET, "/staff/credits/accounts", "accounts:read", desk_accounts, "Find an account."),
    STAFF(GET, "/staff/credits/accounts/{external_id}", "accounts:read", desk_account_ledger,
        "Its credits and its balance."),
    STAFF(
        GET, "/staff/credits/policies", "policies:read", desk_policies, "Policies, every version."),
    STAFF(
        POST, "/staff/credits/policies", "policies:write", desk_policies_do, "Add one, or try it."),
};
const struct route_list console_credit_routes = ROUTE_LIST(rows);
