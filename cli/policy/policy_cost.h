#pragma once
/* The reply of POST /v1/policies/dry-run on standard output. */
#include <jansson.h>

struct policy_cost {
    const char *policy;  /* how the policy is named */
    const char *against; /* the other; NULL: none */
};

void policy_cost_table(const struct policy_cost *cost, const json_t *reply);
void policy_cost_csv_head(const char *against);
void policy_cost_csv(const struct policy_cost *cost, const json_t *reply);
