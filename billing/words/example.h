#pragma once
/* One worked example of a policy in a sentence, computed by the engine: what an invented account on
 * about 99 a month gets for an outage that begins on 10 March 2026, which it claims and reports.
 * Of four lengths, from 3 h 44 min 40 s to 10 days, the first that gives something. */
#include "billing/words/words.h"

/* currency: ISO 4217; NULL: the first that the policy names, or USD. component: the name of one for
 * a policy that is for all. RC_INVALID: the document is no policy. ret is owned by p->s. */
enum rc words_example(
    const struct policy_words *p, const char *currency, const char *component, const char **ret);
