#pragma once
/* Human-readable labels for keys, from templates/labels/<locale>.json. */
#include <jansson.h>
#include <stdint.h>

#include "core/scope.h"

/* The label of key in a set ("state", "level") in the best available locale, as in template_load;
 * the key itself without a label. Owned by s. NULL stays NULL.
 *     label_text(s, "de-AT", "state", "in_progress") */
const char *label_text(struct scope *s, const char *locale, const char *set, const char *key);

/* A label for every language that has none of its own, such as the name of a product. Copied; not
 * while other threads read labels. */
void label_add(const char *set, const char *key, const char *text);

/* A label like "January {year}": replaces each {name} by its text or number in values. Keeps a name
 * that values lacks. Owned by s. */
const char *label_fill(struct scope *s, const char *label, const json_t *values);

/* A whole set, each label in the best available locale, as one object. Owned by s. */
json_t *label_set(struct scope *s, const char *locale, const char *set);

/* A length of time in the locale's units, "1 h 5 min", without those that are zero. Owned by s. */
const char *label_span(struct scope *s, const char *locale, int64_t seconds);
/* A time (us) in an IANA zone, in the reader's language if there are labels in it, else in English:
 * clock_text, and clock_text_seconds. */
const char *label_time(struct scope *s, const char *locale, int64_t us, const char *zone);
const char *label_time_seconds(struct scope *s, const char *locale, int64_t us, const char *zone);
/* clock_text_day: "Jan 15, 2013" of "2013-01-15". */
const char *label_day(struct scope *s, const char *locale, const char *day);
/* From one to another, to the minute. */
const char *label_times(
    struct scope *s, const char *locale, int64_t from, int64_t to, const char *zone);

/* money_local; hundredths of a day, the currency DAY, as "3.5 days". Owned by s. */
const char *label_money(struct scope *s, int64_t minor, const char *currency, const char *locale);
