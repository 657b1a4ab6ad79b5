#pragma once
/* One worked example of a policy, computed by the engine: what an invented account gets for an
 * outage that begins on 10 March 2026, which it claims and reports. Pure.
 *
 *     struct example example;
 *     TRY(words_example(&p, &(struct example_ask){.component = "API"}, &example));
 *     puts(example.text);   // "An account on 99.00 USD a month gets 4.98 USD if ..."
 */
#include "billing/words/words.h"

struct example_ask {
    const char *currency;  /* ISO 4217; NULL: the first that the policy names, or USD */
    const char *component; /* the name of one, for a policy that is for all */
    const char *level;     /* of the impact; NULL: major_outage */
    int64_t price_minor;   /* a month; 0: about 99 */
    int64_t seconds;       /* 0: of four lengths, from 3 h 44 min 40 s to 10 days, the first that */
                           /* gives something */
};

struct example {
    const char *text; /* the sentence */
    const char *gets; /* the amount in words; NULL: nothing */
    const char *component, *level, *currency;
    int64_t exponent, price_minor, from, to;
    const char *credit_currency; /* or DAY */
    int64_t amount_minor;
    const char *lines; /* JSON: as the lines of a credit's workings */
};

/* RC_INVALID: the document is no policy. ret is owned by p->s. */
enum rc words_example(
    const struct policy_words *p, const struct example_ask *ask, struct example *ret);

/* The first currency that the document names; NULL: none. */
const char *words_currency(const json_t *document);
