#pragma once
/* The exact amount of a window: the models, the gate `below`, the sum of the bases, the claim. */
#include "billing/engine/models/model.h"

/* A base's part. */
struct part {
    struct measured measured;
    mpq_srcptr amount;       /* after the gate */
    bool open;               /* the gate `below` */
    const struct tier *tier; /* that pays, behind the gate; NULL: none */
    mpq_srcptr units;        /* of steps, behind the gate; NULL: none */
};

struct owed {
    const struct window *window;
    struct incidents incidents;    /* rated together in it */
    const struct part *parts;      /* one a base */
    const struct moments *moments; /* one a base: what days and fixed pay for, in any window */
    mpq_srcptr amount;
    bool claimed;
    int64_t first; /* instant, of all bases; INT64_MAX: none */
};

/* moments: one a base, for days and fixed. */
struct owed owed_in(struct rating *r, const struct window *window,
    const struct incidents *incidents, const struct moments *moments);

/* What the model gives the incidents in the window, without `below`: of all bases. */
mpq_srcptr owed_without_gate(
    struct rating *r, const struct window *window, const struct incidents *incidents);
