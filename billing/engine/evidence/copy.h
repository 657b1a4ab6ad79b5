#pragma once
/* Accounts that outlive the JSON which they were read from. Pure. */
#include "billing/engine/evidence/evidence.h"

/* Everything but the zone lives in s. */
struct account account_copy(struct scope *s, const struct account *account);
struct held_lines held_copy(struct scope *s, const struct held_lines *held);
