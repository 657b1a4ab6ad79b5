#pragma once
/* Billing periods: the terms of an account and the windows that they make of its time. A period
 * that its term cuts keeps the length and the dates of the whole one. */
#include "billing/engine/evidence/evidence.h"

struct period {
    int64_t from_day, to_day;     /* cut to its term */
    int64_t whole_from, whole_to; /* counted from the anchor */
    int64_t from, to, length;     /* us; length of the whole */
    int months;
};

struct periods {
    struct period *at;
    size_t n;
};

/* The periods that touch [from, to), by time. */
struct periods periods_between(
    struct scope *s, const struct account *account, int64_t from, int64_t to);
