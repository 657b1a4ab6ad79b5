#pragma once
/* The credits of an account. */
#include <jansson.h>

#include "api/call/call.h"

struct account_credit {
    int64_t id, amount_minor;
    const char *currency;
    int64_t exponent, issued_at;
    const char *state, *reference;
    const char *incidents;    /* JSON: [{ref, title}], those that hit the account */
    const char *translations; /* JSON: of their titles, {ref: JSON as text} */
    const char *lines;        /* JSON */
};
extern const struct shape account_credit_shape;

/* The newest credits before one (0: all), at most limit. */
enum rc account_credits_read(
    struct call *c, int64_t account, int64_t before, int64_t limit, struct list *ret);

/* "totals" of a page: [{owed, applied}] by currency, in the format of the locale. */
enum rc account_credits_put(struct call *c, int64_t account, const char *locale, json_t *context);
