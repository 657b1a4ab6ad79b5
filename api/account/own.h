#pragma once
/*
 * /v1/account: what a key of an account reads, as its page shows it.
 *
 *     struct own_account own;
 *     TRY(own_account(c, &own)); // 403 for a key of staff
 */
#include "api/call/call.h"

struct own_account {
    int64_t id;
    const char *external_id, *name, *timezone, *currency, *plan;
};

/* The account of the key. RC_DENIED if the key is bound to none. */
enum rc own_account(struct call *c, struct own_account *ret);
