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
/* *ret: the tier whose condition holds that pays most; NULL: none holds. */
mpq_srcptr tiered_amount(struct rating *r, const struct measured *m, const struct tier **ret);
bool tier_holds(const struct tier *tier, const struct measured *m);
/* *ret: the units that it pays for. */
mpq_srcptr steps_amount(struct rating *r, struct base *base, const struct measured *m,
    const struct incidents *incidents, mpq_srcptr *ret);

/* Units of downtime that steps pay for: the window's, or each incident's. */
struct units {
    const struct incident *incident; /* NULL: the window's */
    mpq_srcptr down;                 /* seconds */
    mpq_srcptr n;                    /* whole units */
    int64_t first;                   /* instant; INT64_MAX: none */
};
struct units *steps_units(struct rating *r, struct base *base, const struct measured *m,
    const struct incidents *incidents, size_t *ret_n);
/* How many of n units earn step i. */
mpq_srcptr step_units(struct rating *r, mpq_srcptr n, size_t i);

/* What a tier or a step pays, with days and hours of the price at `first`. remedy.c */
enum { PAYS_PERCENT, PAYS_DAYS, PAYS_HOURS, PAYS_AMOUNTS, PAYS };
struct paid {
    mpq_srcptr by[PAYS]; /* NULL: not named, or no price at `first` */
    mpq_srcptr all;      /* the greatest, or the sum */
    const struct piece *piece;
};
struct paid remedy_pays(
    struct rating *r, const struct measured *m, const struct remedy *remedy, int64_t first);

/* days.c: what days and fixed pay for, whatever the window. */
struct moments days_moments(struct rating *r, struct base *base);
/* Those within the window, as an amount. */
mpq_srcptr days_amount(
    struct rating *r, const struct moments *moments, const struct window *window);
mpq_srcptr fixed_amount(
    struct rating *r, const struct moments *moments, const struct window *window);

/* The seconds that `below` allows. NULL without it. */
mpq_srcptr allowance(struct rating *r, const struct measured *m);
