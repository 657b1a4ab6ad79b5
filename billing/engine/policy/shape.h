#pragma once
/* The fields of a policy's document as they are written: texts, whole numbers and nested parts.
 * policy.c makes the rule of them. */
#include <jansson.h>

#include "core/shape.h"

struct policy_weights {
    int64_t degraded_performance, partial_outage, major_outage;
};

struct applies_fields {
    struct texts plans;
    const json_t *labels;
};

struct window_fields {
    const char *unit, *timezone;
};

struct measure_fields {
    int64_t quantum_seconds, interval_seconds;
    const char *count, *what, *source;
};

struct policy_tier {
    const char *uptime_below, *percent, *days, *hours, *pays;
    int64_t down_from_seconds;
    const json_t *amounts;
};

struct policy_step {
    const char *percent, *days, *hours, *pays;
    int64_t from_unit;
    const json_t *amounts;
};

struct calendar_fields {
    const json_t *weekend;
    struct texts holidays;
};

struct grace_fields {
    int64_t seconds, working_days;
    const struct calendar_fields *calendar;
    const char *from;
};

struct claim_fields {
    bool required;
    int64_t within_days;
    const char *from;
};

struct cap_fields {
    const char *percent, *days, *per, *of;
    const json_t *amounts;
};

struct schedule_fields {
    const char *every;
    int64_t days_after;
};

struct policy {
    const char *name, *model;
    struct texts components;
    const struct policy_weights *weights_bp;
    bool exclude_maintenance;
    int64_t maintenance_notice_hours, min_block_seconds;
    const struct applies_fields *applies;
    const char *base;
    const struct window_fields *window;
    const char *below;
    bool beyond;
    const struct measure_fields *measure;
    const char *multiplier;
    struct list tiers; /* struct policy_tier */
    struct list steps; /* struct policy_step */
    int64_t unit_seconds;
    const char *unit, *partial;
    const char *days, *per;
    const json_t *amounts;
    const char *audience;
    const struct grace_fields *grace;
    const struct claim_fields *claim;
    const char *rounding;
    const json_t *at_least, *min_credit;
    int64_t min_credit_minor;
    const char *cap_percent;
    struct list caps; /* struct cap_fields */
    const char *remedy;
    const struct schedule_fields *schedule;
};

extern const struct shape policy_shape;
