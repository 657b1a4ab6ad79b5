#pragma once
/*
 * From a policy's document to its rule, and what no policy may say.
 *
 *     struct rule rule;
 *     TRY(rule_read(s, json, zones, ctx, &rule));   // RC_INVALID: "tiers[1].percent must be ..."
 *     TRY(rule_lint(s, json, &rule));
 */
#include <jansson.h>

#include "billing/engine/policy/rule.h"
#include "billing/engine/policy/shape.h"

/* Read a document, canonical or not. Borrows from json. RC_INVALID names the field. */
enum rc rule_read(
    struct scope *s, const json_t *json, zone_find *zones, void *ctx, struct rule *ret);

/* The same of fields that shape_read has filled with policy_shape. Borrows from them. */
enum rc rule_of(
    struct scope *s, const struct policy *fields, zone_find *zones, void *ctx, struct rule *ret);

/* RC_INVALID: a field that the rule does not read, or what nobody can mean, with the reason. */
enum rc rule_lint(struct scope *s, const json_t *json, const struct rule *rule);
