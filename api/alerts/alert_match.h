#pragma once
/* Matchers of labels, as rules have them: all must hold. amends.alert_matches reads them. */
#include "core/db/db.h"
#include "core/shape.h"

extern const struct shape alert_matcher_shape; /* of a list's elements */

/* Check a list of matchers and return it as JSON, kept in s. RC_INVALID with the field inside
 * `field`. */
enum rc alert_match_check(struct scope *s, struct db *db, const char *field,
    const struct list *matchers, const char **ret_json);
