#pragma once
/*
 * Accounts and evidence from JSON, in the forms of the API: what SQL hands over, a dry run and the
 * worked cases. Texts are borrowed from json. RC_INVALID names the field; members that the
 * arithmetic does not use are passed over.
 */
#include "billing/engine/evidence/evidence.h"

enum rc read_account(
    struct scope *s, const json_t *json, zone_find *zones, void *ctx, struct account *ret);

/* An impact without `to` is open: it counts until `until`. */
enum rc read_incident(struct scope *s, const json_t *json, int64_t until, struct incident *ret);

/* {"incidents", "maintenance", "earlier": [{"id", "incidents"}], "claims", "measurements",
 * "reconciles"}: all absent ones are empty. */
enum rc read_evidence(struct scope *s, const json_t *json, int64_t until, struct evidence *ret);

/* [{"run", "from", "to", "start", "amount_minor", "currency", "same", "family", "before", "days",
 * "reach"}] */
enum rc read_held(struct scope *s, const json_t *json, struct held_lines *ret);
