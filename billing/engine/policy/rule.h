#pragma once
/*
 * A policy as a tree of numbers: what its fields mean, with every default filled in. Pure. policy.h
 * makes one of a document.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "billing/engine/number/rat.h"
#include "billing/engine/number/zone.h"
#include "core/scope.h"
#include "core/shape.h"

enum model { MODEL_DAYS, MODEL_PRORATA, MODEL_TIERED, MODEL_FIXED, MODEL_STEPS };
enum per { PER_RUN, PER_INCIDENT, PER_AFFECTED_DAY, PER_WINDOW, PER_YEAR };
enum unit { UNIT_BILLING = 0, UNIT_MONTH = 1, UNIT_QUARTER = 3, UNIT_YEAR = 12 }; /* months */
enum count { COUNT_EXACT, COUNT_WHOLE, COUNT_ANY };
enum of { OF_WINDOW, OF_YEAR, OF_PREVIOUS_30_DAYS };

enum { LEVEL_DEGRADED, LEVEL_PARTIAL, LEVEL_MAJOR, LEVEL_MAINTENANCE, LEVELS = LEVEL_MAINTENANCE };

struct amount {
    const char *currency;
    int64_t minor;
};

/* Minor units by currency. */
struct amounts {
    const struct amount *at;
    size_t n;
};

/* NULL: the currency is not named. */
const int64_t *amounts_of(const struct amounts *amounts, const char *currency);

/* A label and the values that match. */
struct label_rule {
    const char *key;
    struct texts values;
};

struct label_rules {
    const struct label_rule *at;
    size_t n;
};

/* What a tier or a step pays: the greatest of what is named, or its sum. */
struct remedy {
    mpq_srcptr percent, days, hours; /* NULL: not named */
    struct amounts amounts;
    bool sum;
};

struct tier {
    mpq_srcptr uptime_below; /* percent; NULL: by down_from */
    mpq_srcptr down_from;    /* seconds; NULL: by uptime_below */
    struct remedy pays;
};

struct step {
    int64_t from_unit;
    struct remedy pays;
};

struct cap {
    mpq_srcptr percent, days; /* NULL: not named */
    struct amounts amounts;
    enum per per; /* window, incident, year */
    enum of of;
};

struct grace {
    bool given, from_report;
    int64_t us;           /* or */
    int64_t working_days; /* 0: us */
    unsigned weekend;     /* bit n: ISO weekday n */
    const int64_t *holidays;
    size_t n_holidays;
};

struct rule {
    const char *name;
    enum model model;
    struct texts components; /* none: all */
    struct texts plans;      /* applies; none: all */
    struct label_rules labels;
    int64_t weights[LEVELS]; /* basis points */
    bool exclude_maintenance, audience_all, base_lines;
    int64_t notice_us, min_block_us;

    enum unit unit;
    const struct zone *zone; /* of calendar windows; NULL: the account's */
    mpq_srcptr below;        /* NULL: no gate */
    bool beyond;
    enum count count;
    int64_t quantum_us;
    bool for_amount, for_below; /* what the grid is for */
    int64_t requests_us;        /* interval; 0: measured by impacts */

    mpq_srcptr multiplier, days;
    enum per per; /* run, incident, affected_day; of steps window, incident */
    struct amounts amounts;
    const struct tier *tiers;
    size_t n_tiers;
    const struct step *steps; /* by from_unit */
    size_t n_steps;
    int64_t unit_us; /* 0: local dates */
    bool complete;   /* partial units do not count */

    struct grace grace;
    bool claim, claim_window_end;
    int64_t claim_days;

    enum rounding rounding;
    struct amounts at_least, min_credit;
    int64_t min_credit_minor;
    const struct cap *caps;
    size_t n_caps;
    bool caps_given;    /* caps, not cap_percent */
    bool remedy_days;   /* currency DAY */
    int64_t draft_days; /* days from the end of a window to its draft; -1: none */
};

/* prorata, tiered and steps: what a window is owed grows with its incidents, so those of earlier
 * runs join, and their lines are subtracted. */
bool rule_is_cumulative(const struct rule *rule);

/* The currency of an account's lines: its own, or DAY. */
const char *rule_currency(const struct rule *rule, const char *currency);
