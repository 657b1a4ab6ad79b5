#pragma once
/* The parts of a policy's document that policy.c puts together. Each reports its field. */
#include "billing/engine/policy/rule.h"
#include "billing/engine/policy/shape.h"

/* Above 0 and at most `most`; NULL stays NULL. */
enum rc read_number(
    struct scope *s, const char *field, const char *text, int64_t most, mpq_srcptr *ret);

/* Currencies (ISO 4217, or DAY) with whole minor units above 0. */
enum rc read_amounts(struct scope *s, const char *field, const json_t *json, struct amounts *ret);

/* {"region": "eu"} or {"region": ["eu", "uk"]}. */
enum rc read_labels(
    struct scope *s, const char *field, const json_t *json, struct label_rules *ret);

enum rc read_tiers(struct scope *s, const struct list *tiers, struct rule *rule);
enum rc read_steps(struct scope *s, const struct list *steps, struct rule *rule);
enum rc read_caps(struct scope *s, const struct policy *f, struct rule *rule);
enum rc read_grace(struct scope *s, const struct grace_fields *f, struct grace *ret);
