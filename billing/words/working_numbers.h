#pragma once
/* Pieces of words_working: numbers as the reader's language writes them, and its parts. Internal.
 */
#include "billing/words/say.h"
#include "billing/words/working.h"

/* A label of "credit_working", filled in. values: a new reference. */
const char *working_say(const struct words_working *w, const char *label, json_t *values);

const char *working_money(const struct words_working *w, int64_t minor);

/* A rational of minor units: "0.637096774193 EUR", cut off after 12 digits or, if brief, "0.6370…
 * EUR". */
const char *working_exact(const struct words_working *w, const char *minor);

/* "99.93", cut off after 12 digits. */
const char *working_decimal(const struct words_working *w, const char *number);

/* A number of the policy, whole: where a decimal does not end, the ratio, "10/3". */
const char *working_number(const struct words_working *w, const char *number);

/* Basis points, a rational, as a percentage. */
const char *working_hundredth(const struct words_working *w, const char *bp);

/* a × b / over as a ratio; "0" of what is no number. */
const char *working_product(
    const struct words_working *w, const char *a, const char *b, const char *over);

const char *working_ratio(const struct words_working *w, int64_t over, int64_t under);

const char *working_seconds(const struct words_working *w, int64_t us);

/* Whether a tier or step of the part pays a percentage. */
bool working_asks_worth(const json_t *part);

/* An instant of a member; in the reader's zone, without loss, or to the minute if brief. */
int64_t working_instant(const json_t *of, const char *name);
const char *working_local(const struct words_working *w, const json_t *of, const char *name);

/* Those of a list that are of the part's price line. A new reference. */
json_t *working_of_part(const json_t *list, const json_t *part);

/* What prices are over a time of `seconds`: "(99.00 EUR × 86400 s + ...) / 2678400 s", of months
 * calendar months or, with 0, at their billing rates. NULL: one price, whole. */
const char *working_mean(
    const struct words_working *w, const json_t *prices, int64_t months, const char *seconds);

/* An incident's title, or its ref. */
const char *working_title(const struct words_working *w, const char *ref);

/* Sentences of outages before grace, blocks and the grid, of tiers, of steps, and of what comes
 * after the exact amount. */
void working_counting(const struct words_working *w, const json_t *part, json_t *list);
void working_tiers(const struct words_working *w, const json_t *part, json_t *list);
void working_units(const struct words_working *w, const json_t *part, json_t *list);
void working_amount(const struct words_working *w, json_t *list);
