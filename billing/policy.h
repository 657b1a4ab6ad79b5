#pragma once
/*
 * A credit policy as a document: its fields, defaults and bounds. Pure. billing/CREDITS.md defines
 * the fields; billing computes from the canonical document that policy_document makes and that the
 * table `policy` stores.
 *
 *     struct policy policy;
 *     TRY(policy_read(s, json, &policy));      // RC_INVALID: "tiers[1].percent must be ..."
 *     char *document = policy_document(s, &policy);
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/scope.h"
#include "core/shape.h"

/* Uptime strictly below uptime_below percent earns percent of the period's price. */
struct policy_tier {
    const char *uptime_below;
    const char *percent;
};

/* Weight per impact level in basis points. */
struct policy_weights {
    int64_t degraded_performance;
    int64_t partial_outage;
    int64_t major_outage;
};

/* Decimals stay text: they are exact and reach SQL's numeric unchanged. */
struct policy {
    const char *name;
    const char *model;       /* days, prorata, tiered, fixed */
    struct texts components; /* slugs; empty: every component */
    const struct policy_weights *weights_bp;
    bool exclude_maintenance;
    int64_t maintenance_notice_hours;
    int64_t min_block_seconds;
    const char *multiplier;
    struct list tiers;     /* struct policy_tier */
    const char *days;      /* NULL unless model is days */
    const char *per;       /* run, incident, affected_day */
    const json_t *amounts; /* object, currency -> minor units; NULL: none. Borrowed. */
    const char *audience;  /* affected, all */
    const char *cap_percent;
    const char *rounding; /* half_up, half_even, up */
    int64_t min_credit_minor;
};

/* For the OpenAPI document and for reading a request body. */
extern const struct shape policy_shape;

/* Read and check a whole document. Each model has required fields: `days` needs days, `tiered`
 * needs tiers, `fixed` needs amounts. RC_INVALID names the field. Borrows from json. */
enum rc policy_read(struct scope *s, const json_t *json, struct policy *ret);

/* Check a struct that shape_read with policy_shape has filled, and fill in weights_bp.
 * policy_read is shape_read followed by this. */
enum rc policy_check(struct scope *s, struct policy *policy);

/* The complete document with every default filled in, keys in a fixed order, owned by s.
 * Equal policies give equal bytes. */
char *policy_document(struct scope *s, const struct policy *policy);
