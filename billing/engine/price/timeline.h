#pragma once
/* price(t): what an account, or one of its price lines, pays at each instant, with the billing
 * period there. Only pieces with a price above 0: elsewhere nothing has a weight. */
#include "billing/engine/evidence/evidence.h"
#include "billing/engine/number/spans.h"

struct piece {
    int64_t from, to;
    int64_t price;  /* minor units per interval; or hundredths of a day (remedy) */
    int64_t length; /* us of the whole billing period */
    int64_t dates;  /* of the whole billing period */
    int months;     /* of the interval */
};

struct timeline {
    struct piece *at;
    size_t n;
};

/* Of the price lines first .. first + n - 1, between two instants. RC_INVALID: prices that sum to
 * more than int64_t holds. */
enum rc timeline_make(struct scope *s, const struct rule *rule, const struct account *account,
    size_t first, size_t n, int64_t from, int64_t to, struct timeline *ret);

/* NULL: no price there. */
const struct piece *timeline_at(const struct timeline *timeline, int64_t us);

/* Where there is a price. */
struct spans timeline_keep(
    struct scope *s, const struct timeline *timeline, const struct spans *spans);

/* The money of [from, to) at the billing rate. Of a billing period it is price(P). */
mpq_srcptr timeline_money(
    struct scope *s, const struct timeline *timeline, int64_t from, int64_t to);

/* months x the mean over [from, to) of the monthly price. */
mpq_srcptr timeline_months(
    struct scope *s, const struct timeline *timeline, int64_t from, int64_t to, int months);

/* The integral of the weight and the price at the billing rate. */
mpq_srcptr timeline_lost(
    struct scope *s, const struct timeline *timeline, const struct spans *spans);

/* us with a price. */
int64_t timeline_entitled(const struct timeline *timeline, int64_t from, int64_t to);
