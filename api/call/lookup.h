#pragma once
/* Resolves names in a request to rows of the catalogue; errors name the field. */
#include <stdint.h>

#include "core/db/db.h"
#include "core/scope.h"
#include "core/shape.h"

/* Resolve component slugs to ids, in order, owned by s. path: "components[%zu]", or without %zu for
 * a single one. RC_INVALID on the field for an unknown or repeated slug. */
enum rc lookup_components(
    struct scope *s, struct db *db, const struct texts *slugs, const char *path, int64_t **ret_ids);

/* Resolve group slugs, or refs of incidents, in the same way. */
enum rc lookup_groups(struct scope *s, struct db *db, const struct texts *slugs, int64_t **ret_ids);
enum rc lookup_incidents(
    struct scope *s, struct db *db, const struct texts *refs, int64_t **ret_ids);
