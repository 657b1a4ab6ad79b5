#pragma once
/* The worked example of a policy: what an invented account gets for one outage. A run computes it
 * that is rolled back, so it is right for every model. Call on a worker. */
#include "api/call/call.h"

struct example_ask {
    const char *document; /* of policy_document */
    const char *currency; /* ISO 4217; NULL: the policy's own, or that of most accounts */
    int64_t price_minor;  /* per month; SHAPE_NONE: about 99 */
    int64_t seconds;      /* of the outage, from 09:00 UTC on the last 10 March */
    const char *level;    /* of the impact */
    int64_t key;          /* of the caller; 0: none */
};

struct example {
    const char *component; /* name of the affected one */
    const char *currency;
    int64_t exponent;
    int64_t price_minor;
    const char *level;
    int64_t from, to;
    int64_t amount_minor; /* 0: nothing */
    const char *lines;    /* JSON, as the lines of a credit's workings */
};

/* RC_INVALID names currency. ret is owned by s. */
enum rc policy_example_make(
    struct scope *s, struct db *db, const struct example_ask *ask, struct example *ret);
