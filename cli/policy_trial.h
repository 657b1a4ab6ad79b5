#ifndef CLI_POLICY_TRIAL_H
#define CLI_POLICY_TRIAL_H
/* amends policy dry-run: estimates the cost of policies over past incidents. */
#include "cli/client.h"

struct trial_request {
    const struct options *options;
    const char *from; /* date or RFC 3339; NULL: a year ago */
    const char *to;   /* the same; NULL: now */
    bool json;        /* print the API's responses instead of a table */
};

/* Estimate a policy, or each of an array of policies. Writes nothing. */
enum rc policy_trial_all(struct scope *s, const struct trial_request *request, json_t *policies);

#endif
