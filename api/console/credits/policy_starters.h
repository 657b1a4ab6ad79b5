#pragma once
/* Policies to start from, as of the cookbook (docs/guides/policies.md). */
struct policy_starter {
    const char *name; /* a label of staff_policy_starter */
    const char *document;
};
extern const struct policy_starter policy_starters[]; /* ends with a NULL name */
