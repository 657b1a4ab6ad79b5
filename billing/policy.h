#pragma once
/*
 * A credit policy as a document: its fields, defaults and bounds. Pure. billing/CREDITS.md defines
 * the fields; billing computes from the canonical document that policy_document makes and that the
 * table `policy` stores. Its struct and shape are in billing/engine/policy/shape.h.
 *
 *     struct policy policy;
 *     TRY(policy_read(s, json, &policy));      // RC_INVALID: "tiers[1].percent must be ..."
 *     char *document = policy_document(s, &policy);
 */
#include <jansson.h>

#include "billing/engine/policy/shape.h"
#include "core/scope.h"

/* Read and check a whole document: what billing/engine/policy/policy.h can make a rule of.
 * RC_INVALID names the field. Borrows from json. */
enum rc policy_read(struct scope *s, const json_t *json, struct policy *ret);

/* The same, and refuse a field that the rule does not read and what nobody can mean: worse uptime
 * that pays less, a cap of 0. For what people write: files, requests, forms. A stored document has
 * fields of all models, so their defaults are no fault in a document that has them all. */
enum rc policy_lint(struct scope *s, const json_t *json);

/* Check a struct that shape_read with policy_shape has filled, and fill in defaults.
 * policy_read is shape_read followed by this. */
enum rc policy_check(struct scope *s, struct policy *policy);

/* The complete document with every default filled in, keys in a fixed order, owned by s; the fields
 * of contracts (billing/CREDITS.md) only where they are given. Equal policies give equal bytes. */
char *policy_document(struct scope *s, const struct policy *policy);
