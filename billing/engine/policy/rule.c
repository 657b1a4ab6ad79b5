#include "billing/engine/policy/rule.h"

#include <string.h>

bool rule_is_cumulative(const struct rule *rule)
{
    return rule->model == MODEL_PRORATA || rule->model == MODEL_TIERED ||
           rule->model == MODEL_STEPS;
}

const char *rule_currency(const struct rule *rule, const char *currency)
{
    return rule->remedy_days ? "DAY" : currency;
}

const int64_t *amounts_of(const struct amounts *amounts, const char *currency)
{
    for (size_t i = 0; i < amounts->n; i++) {
        if (!strcmp(amounts->at[i].currency, currency))
            return &amounts->at[i].minor;
    }
    return NULL;
}
