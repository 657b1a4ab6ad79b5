#pragma once
/* Who is meant: plans, labels, components, and the share of an account in an impact. */
#include "billing/engine/evidence/evidence.h"

bool texts_have(const struct texts *texts, const char *text);

/* None named: every plan, the account's and none. */
bool plan_is_in(const char *plan, const struct texts *plans);

/* Whether the account has every label named, with one of its values. */
bool labels_match(const struct label_rules *labels, const struct account *account);

/* In basis points; -1: the account is not meant at all. NULL audience: everybody, in full. */
int64_t audience_share(const struct audience *audience, const struct account *account);
