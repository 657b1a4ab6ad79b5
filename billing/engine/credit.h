#pragma once
/* What an account gets from a run: engine.h's result. */
#include "billing/engine/price/windows.h"

struct credit_line {
    struct window window;
    mpq_srcptr exact;    /* after caps per incident, before rounding */
    int64_t amount;      /* minor units of the currency */
    int64_t earlier;     /* held by this policy in the window */
    mpq_srcptr cap;      /* the tightest that bounds it; NULL: none */
    int64_t taken;       /* of that cap, by standing lines */
    mpq_srcptr seconds;  /* weighted */
    int64_t reach;       /* end of what it pays for, us; INT64_MIN: no time */
    const int64_t *days; /* dates that it pays for, per affected_day; one may repeat */
    size_t n_days;
    const char *explain; /* JSON: the steps. NULL: `unexplained` */
};

/* The account holds more than it is owed in a window. */
struct excess {
    int64_t from_day;
    int64_t minor, earlier; /* too much of what is held */
};

/* A correction finds an amount that makes no line. */
struct unpaid {
    int64_t from_day;
    int64_t minor; /* too little for a line; below 0 where lines are above the caps */
    int64_t earlier;
};

/* How far the account, or one of its price lines, has come in a window. */
struct reached {
    int64_t from_day;        /* of the window */
    bool open;               /* the gate `below` */
    const struct tier *tier; /* of the rule, that pays; NULL: none */
    int64_t units;           /* that steps pay for */
};

struct credit {
    const char *currency;
    const char *left_out; /* "terms_changed", or NULL */
    bool no_amount;       /* a fixed amount is due, and the policy has none in the currency */
    struct credit_line *lines;
    size_t n_lines;
    struct excess *excess;
    size_t n_excess;
    struct unpaid *unpaid;
    size_t n_unpaid;
    struct reached *reached; /* one a window and base, in this order */
    size_t n_reached;
    mpq_srcptr seconds; /* weighted, of this run's incidents */
};
