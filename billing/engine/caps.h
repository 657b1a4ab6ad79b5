#pragma once
/* Caps: of an incident over its windows, of a window, of a year. */
#include "billing/engine/credit.h"
#include "billing/engine/owed.h"

/* Where a cap comes from. */
struct bound {
    const struct cap *by;
    mpq_srcptr base;  /* what percent and days refer to; NULL: an amount */
    int64_t dates;    /* of the base */
    int64_t from, to; /* of the base */
    int months;       /* in it; 0: money at the billing rate */
    mpq_srcptr value;
};

/* A bound on what is left for a line. */
struct room {
    mpq_srcptr cap;   /* whole; NULL: no bound */
    mpq_srcptr taken; /* of it */
    struct bound bound;
};

/* What an incident alone gets in each of its windows, within its caps. */
struct capped {
    const struct incident *incident;
    struct windows windows;
    struct bound bound; /* the least of its caps; by NULL: none */
    int64_t first;      /* its first instant; INT64_MAX: none */
    mpq_srcptr *gives;  /* one a window: what the model gives it */
    mpq_srcptr *used;   /* and what the windows before have used up of the cap */
    mpq_srcptr *gets;
};

/* Of one incident; n_ret: the window in it, SIZE_MAX if it has no part there. */
const struct capped *caps_of_incident(
    struct rating *r, const struct incident *incident, const struct window *window, size_t *ret_n);

bool caps_are_per_incident(const struct rule *rule);

/* What the window's incidents get at most together, each within its caps; NULL: no such cap. */
mpq_srcptr caps_per_incident(struct rating *r, const struct owed *owed);

/* The tightest cap per window and year, given the lines that this run has made so far. */
struct room caps_room(
    struct rating *r, const struct owed *owed, const struct credit_line *lines, size_t n_lines);
