#include "billing/policy.h"

#include <string.h>

#include "billing/engine/policy/policy.h"
#include "core/clock.h"

static enum rc check_name(struct scope *s, const char *name)
{
    static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (!strchr(alnum, name[0]))
        return fail_field(s, RC_INVALID, "name", "must begin with a letter or digit");
    for (const char *p = name; *p; p++) {
        if (!strchr(alnum, *p) && !strchr("._-", *p))
            return fail_field(
                s, RC_INVALID, "name", "must consist of letters, digits, \".\", \"_\" and \"-\"");
    }
    return RC_OK;
}

/* A zone without changes stands for each that exists: only names are checked. */
static const struct zone *any_zone(void *ctx, const char *name)
{
    static const int64_t from = INT64_MIN, offset;
    static const struct zone utc = {.name = "UTC", .from = &from, .offset = &offset, .n = 1};
    (void)ctx;
    return clock_is_zone(name) ? &utc : NULL;
}

static void fill_in(struct scope *s, struct policy *policy)
{
    static const struct policy_weights normal = {0, 5000, 10000};
    if (!policy->weights_bp)
        policy->weights_bp = scope_memdup(s, &normal, sizeof normal);
    if (!policy->per)
        policy->per = !strcmp(policy->model, "steps") ? "window" : "run";
    if (!policy->cap_percent && !policy->caps.at)
        policy->cap_percent = "100";
}

enum rc policy_check(struct scope *s, struct policy *policy)
{
    struct rule rule;
    TRY(check_name(s, policy->name));
    TRY(rule_of(s, policy, any_zone, NULL, &rule));
    fill_in(s, policy);
    return RC_OK;
}

enum rc policy_read(struct scope *s, const json_t *json, struct policy *ret)
{
    struct policy policy;
    TRY(shape_read(s, &policy_shape, json, &policy));
    TRY(policy_check(s, &policy));
    *ret = policy;
    return RC_OK;
}

enum rc policy_lint(struct scope *s, const json_t *json)
{
    struct policy policy;
    struct rule rule;
    TRY(shape_read(s, &policy_shape, json, &policy));
    TRY(check_name(s, policy.name));
    TRY(rule_of(s, &policy, any_zone, NULL, &rule));
    return rule_lint(s, json, &rule);
}
