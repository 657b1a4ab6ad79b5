#pragma once
/* Dates of the proleptic Gregorian calendar as whole days since 1970-01-01. Pure. */
#include <stdbool.h>
#include <stdint.h>

#include "core/strbuf.h"

/* No date: before and after all that a policy, an account or an incident may name. */
#define DAY_NEVER (INT64_MAX / 4)

/* "YYYY-MM-DD"; false where it is no date. */
bool day_parse(const char *text, int64_t *ret);
char *day_text(struct scope *s, int64_t day);
void day_print(struct strbuf *b, int64_t day);

/* n months later, clamped to the month's last day: 31 January + 1 is 28 February. */
int64_t day_add_months(int64_t day, int64_t n);

/* Whole months from one date to another, not counting days of the month; 0 when before. */
int64_t day_months_between(int64_t from, int64_t to);

/* The first date of the block of months (1, 3 or 12, a divisor of 12) that holds the date. */
int64_t day_block(int64_t day, int months);

/* ISO 8601: Monday is 1, Sunday 7. */
int day_weekday(int64_t day);
