#include "billing/engine/evidence/people.h"

#include <string.h>

bool texts_have(const struct texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->n; i++) {
        if (!strcmp(texts->at[i], text))
            return true;
    }
    return false;
}

bool plan_is_in(const char *plan, const struct texts *plans)
{
    return !plans->n || (plan && texts_have(plans, plan));
}

static const char *label_of(const struct account *account, const char *key)
{
    for (size_t i = 0; i < account->n_labels; i++) {
        if (!strcmp(account->labels[i].key, key))
            return account->labels[i].value;
    }
    return NULL;
}

bool labels_match(const struct label_rules *labels, const struct account *account)
{
    for (size_t i = 0; i < labels->n; i++) {
        const char *value = label_of(account, labels->at[i].key);
        if (!value || !texts_have(&labels->at[i].values, value))
            return false;
    }
    return true;
}

static const struct share *share_of(const struct share *shares, size_t n, const char *name)
{
    for (size_t i = 0; name && i < n; i++) {
        if (!strcmp(shares[i].name, name))
            return &shares[i];
    }
    return NULL;
}

int64_t audience_share(const struct audience *audience, const struct account *account)
{
    if (!audience)
        return 10000;
    int64_t common = audience->share_bp < 0 ? 10000 : audience->share_bp;
    const struct share *own = share_of(audience->accounts, audience->n_accounts, account->id);
    if (!own)
        own = share_of(account->lists, account->n_lists, audience->list);
    if (own)
        return own->bp < 0 ? common : own->bp;
    bool named = audience->labels.n ? labels_match(&audience->labels, account)
                                    : !audience->n_accounts && !audience->list;
    return named ? common : -1;
}
