#pragma once
/*
 * The second factor of a person: one-time codes (password.h) and ten recovery codes, each good once
 * in place of one.
 */
#include <jansson.h>

#include "api/call/call.h"

enum { RECOVERY_CODES = 10, RECOVERY_FEW = 3 };

/* Take a code of the person that is right and unused, or an unused recovery code; without a second
 * factor any code is good. Using a recovery code is audited. */
struct factor {
    int64_t staff_id;
    const char *login;
    const char *totp_secret; /* sealed, in hex; NULL: no second factor */
    int64_t totp_step;       /* of the last code taken */
};
enum rc factor_take(struct call *c, const struct factor *person, const char *code, bool *ret_good);

/* Replace the recovery codes; *ret_codes: the new ones, to be shown once, owned by the scope. */
enum rc factor_new_codes(struct call *c, int64_t staff_id, const json_t **ret_codes);

/* How many are left. */
enum rc factor_codes_left(struct call *c, int64_t staff_id, int64_t *ret_n);
