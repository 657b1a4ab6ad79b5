#pragma once
/* What customers claim for incidents: recorded by the API or on their page, decided by staff. */
#include "api/call/call.h"

extern const struct route_list claim_routes;

struct customer_claim {
    int64_t id;
    const char *account, *name, *contact;
    int64_t at;
    const char *incidents; /* JSON */
    const char *text, *state, *answer;
    int64_t run;
    const char *deadlines; /* JSON */
    const char *deadline;  /* a date, or NULL */
    bool late;
    int64_t open_days;    /* SHAPE_NONE once it is decided */
    const char *evidence; /* JSON, or NULL */
    const char *windows;  /* JSON; NULL in lists */
    int64_t created_at, decided_at;
    const char *decided_by; /* JSON, or NULL */
};

extern const struct shape new_claim_shape, customer_claim_shape, claim_filter_shape;
extern const struct shape claim_decision_shape, claim_run_shape, claim_trial_shape;
extern const struct shape claim_trial_filter_shape, new_claim_link_shape, claim_link_shape;
extern const struct shape claim_evidence_query_shape;

/* RC_NOT_FOUND: no such claim. */
enum rc claim_read(struct scope *s, struct db *db, int64_t id, struct customer_claim *ret);

route_fn claim_list, claim_get, claim_create, claim_decide, claim_run, claim_trial,
    claim_evidence_get, claim_evidence_put, claim_link_create;
