#pragma once
/* What customers claim for incidents: recorded by the API or on their page, decided by staff. */
#include "api/call/call.h"
#include "api/claims/customer_claim.h"

extern const struct route_list claim_routes;

extern const struct shape new_claim_shape, customer_claim_shape, claim_filter_shape;
extern const struct shape claim_decision_shape, claim_run_shape, claim_trial_shape;
extern const struct shape claim_trial_filter_shape;
extern const struct shape claim_evidence_query_shape, own_claim_shape, own_claim_filter_shape;

route_fn claim_list, claim_get, claim_create, claim_decide, claim_run, claim_trial,
    claim_evidence_get, claim_evidence_put, claim_link_create, own_claim_list, own_claim_create;
