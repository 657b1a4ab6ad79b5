#pragma once
/* What the steps of one rating share: engine.c fills it, then the steps run in the order of
 * the rules. Internal to the engine. */
#include "billing/engine/evidence/evidence.h"
#include "billing/engine/number/spans.h"
#include "billing/engine/price/timeline.h"
#include "billing/engine/price/windows.h"

/* W(t), as amounts and as the gate `below` see it. */
struct weight {
    struct spans amount, below;
};

/* The weight of one incident, kept: it joins the sets of several windows. */
struct incident_weight {
    const struct incident *incident;
    struct spans spans;
};

/* The weight of incidents that are rated together, kept: most windows have the same ones. */
struct set_weight {
    struct incidents incidents;
    struct weight weight;
    struct set_weight *next;
};

/* What is computed as a whole: the account, or one of its price lines. */
struct base {
    const char *product; /* NULL: the account */
    struct timeline timeline;
    bool uses_all;
    struct texts components;
    struct incident_weight *weights;
    size_t n_weights;
    struct set_weight *sets;
    const struct interval *stated; /* of a recount: what the evidence's requests were; or NULL */
    size_t n_stated;
};

struct excuse {
    const char *component;
    struct spans windows;
};

struct capped; /* caps.h */

struct rating {
    struct scope *s;
    const struct rule *rule;
    const struct account *account;
    const struct evidence *evidence;
    const struct held_lines *held;
    struct incidents own;     /* of this run, without what does not count for the account */
    struct timeline timeline; /* the account's, for caps */
    struct base *bases;
    size_t n_bases;
    struct excuse *excuses;
    size_t n_excuses;
    struct capped *capped;
    size_t n_capped;
    size_t n_incidents; /* all that any set may join */
};

/* Requests of an interval that begins at `from`. */
struct interval {
    int64_t from, bad, total;
};

/* A base in a window. */
struct measured {
    const struct base *base;
    const struct window *window;
    struct weight weight;            /* clipped to the window */
    mpq_srcptr worth;                /* price of the window */
    mpq_srcptr down;                 /* seconds, of the amount */
    mpq_srcptr entitled;             /* seconds with a price; intervals of requests */
    mpq_srcptr uptime, uptime_below; /* percent; NULL where nothing is entitled */
    int64_t first;                   /* instant; INT64_MAX: none */
    int64_t requests_bad;
    const struct interval *intervals; /* with requests, by time */
    size_t n_intervals;
};
