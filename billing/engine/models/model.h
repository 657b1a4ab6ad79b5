#pragma once
/* What each model gives a base in a window: an exact amount in minor units, before `below`. */
#include "billing/engine/weight/rating.h"

/* A moment that days and fixed pay for. */
struct moment {
    int64_t at;
    int64_t day;          /* the date that it stands for; DAY_NEVER: none */
    const char *incident; /* NULL: the run's */
    bool hit;             /* false: audience all */
    const struct piece *piece;
};

struct moments {
    struct moment *at;
    size_t n;
};

/* W, downtime and uptime of a base in a window. measure.c */
struct measured measure_window(struct rating *r, struct base *base, const struct window *window,
    const struct incidents *incidents);

/* From requests, not impacts: requests.c. Fills uptime, entitled and first. */
void measure_requests(struct rating *r, struct measured *m);
/* Whether a measurement concerns the base and is not excused. */
bool request_counts(struct rating *r, const struct base *base, const struct measurement *one);

mpq_srcptr prorata_amount(struct rating *r, const struct measured *m);
mpq_srcptr tiered_amount(struct rating *r, const struct measured *m);
/* The tier whose condition holds that pays most; NULL: none holds. */
const struct tier *tiered_tier(struct rating *r, const struct measured *m);
mpq_srcptr steps_amount(struct rating *r, struct base *base, const struct measured *m,
    const struct incidents *incidents);

/* What a tier or a step pays, with days and hours of the price at `first`. remedy.c */
mpq_srcptr remedy_amount(struct rating *r, const struct base *base, const struct remedy *remedy,
    const struct window *window, int64_t first);

/* days.c: what days and fixed pay for, whatever the window. */
struct moments days_moments(struct rating *r, struct base *base);
/* Those within the window, as an amount. */
mpq_srcptr days_amount(
    struct rating *r, const struct moments *moments, const struct window *window);
mpq_srcptr fixed_amount(
    struct rating *r, const struct moments *moments, const struct window *window);

/* The seconds that `below` allows. NULL without it. */
mpq_srcptr allowance(struct rating *r, const struct measured *m);
