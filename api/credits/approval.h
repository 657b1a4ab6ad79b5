#pragma once
/* Approval of credit runs: the setting approval_total. */
#include "core/config.h"
#include "core/db/db.h"

/* RC_INVALID if approval_total is malformed. */
enum rc approval_check(struct scope *s, const struct config *config);

/* Whether the author of the run may approve it: its total in every currency must not exceed
 * approval_total. */
enum rc approval_alone(
    struct scope *s, struct db *db, const struct config *config, int64_t run, bool *ret);
