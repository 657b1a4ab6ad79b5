#pragma once
/*
 * What a policy is applied to: an account, the incidents that are rated, and what the account was
 * paid before. Plain numbers and texts, borrowed from the caller; nothing here is computed.
 * Instants are us since 1970, half-open intervals; dates are days (calendar.h).
 *
 * An account stands for all that are equal to the arithmetic: a cohort.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billing/engine/policy/rule.h"
#include "billing/engine/number/zone.h"
#include "core/shape.h"

struct label {
    const char *key, *value;
};

struct price {
    int64_t from; /* date */
    int64_t minor;
    const char *plan; /* NULL: the account's */
};

/* Prices by date. An account without price lines has one, without a product. */
struct price_line {
    const char *product;
    struct texts components; /* none: the account's */
    const struct price *prices;
    size_t n_prices;
};

/* Valid from a date until the next term's. */
struct term {
    int64_t from, anchor;
    int months; /* 1 or 12 */
};

/* An account of an audience, or a list of an account. */
struct share {
    const char *name;
    int64_t bp; /* -1: the audience's */
};

struct account {
    const char *id, *currency, *plan;
    const struct zone *zone;
    struct texts components; /* none: all */
    const struct term *terms;
    size_t n_terms; /* at least 1, by date */
    const struct price_line *lines;
    size_t n_lines;
    const struct label *labels;
    size_t n_labels;
    const struct share *lists; /* account lists that have it, with its share */
    size_t n_lists;
};

/* Whom an impact or a measurement concerns. Without labels, accounts and list: everybody. */
struct audience {
    struct label_rules labels;
    const struct share *accounts;
    size_t n_accounts;
    const char *list; /* name of an account list, or NULL */
    int64_t share_bp; /* -1: 10000 */
};

struct impact {
    const char *component;
    int level; /* LEVEL_* of rule.h */
    int64_t from, to;
    int64_t weight_bp;               /* -1: by level */
    const struct audience *audience; /* NULL: everybody */
};

struct report {
    const char *account;
    int64_t at;
};

struct incident {
    const char *ref;
    const struct impact *impacts;
    size_t n_impacts;
    int64_t announced_at;         /* of maintenance */
    int64_t reported_at;          /* SHAPE_NONE: never */
    const struct report *reports; /* of single accounts */
    size_t n_reports;
};

struct incidents {
    const struct incident *const *at;
    size_t n;
};

struct claim {
    const char *account;
    int64_t at;
    struct texts incidents; /* refs */
};

struct measurement {
    const char *component;
    int64_t from, to, good, total;
    const struct audience *audience; /* NULL: everybody */
};

/* An earlier run of the same policy (by name), with the evidence that it had. */
struct earlier_run {
    int64_t id;
    struct incidents incidents;
};

struct evidence {
    struct incidents own;         /* of this run */
    struct incidents maintenance; /* every incident with maintenance, as it is now */
    const struct earlier_run *earlier;
    size_t n_earlier; /* by id, rising */
    const struct claim *claims;
    size_t n_claims;
    const struct measurement *measurements;
    size_t n_measurements;
    bool reconciles;  /* corrects an earlier run: its lines are `family` */
    bool unexplained; /* amounts only: a check, a forecast */
};

/* A standing line of the account: issued and not reversed. */
struct held_line {
    int64_t run, from, to; /* dates of its window */
    int64_t start;         /* instant at which it begins */
    int64_t minor;
    const char *currency;
    bool same;           /* of this policy, by name */
    bool family;         /* of the run that this one corrects, or of its other corrections */
    bool before;         /* issued before the run that this one corrects (else true) */
    const int64_t *days; /* dates that it paid for, per affected_day */
    size_t n_days;
    int64_t reach; /* end of what it paid for, us; INT64_MIN: unknown */
};

struct held_lines {
    const struct held_line *at;
    size_t n;
};
