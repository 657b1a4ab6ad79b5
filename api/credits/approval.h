#pragma once
/* Approval of credit runs: the settings approval_total and approval_wait. */
#include "core/config.h"
#include "api/call/auth.h"
#include "core/db/db.h"

/* RC_INVALID if approval_total is malformed. */
enum rc approval_check(struct scope *s, const struct config *config);

/* Whether the author of the run may approve it: its total in every currency must not exceed
 * approval_total. */
enum rc approval_alone(
    struct scope *s, struct db *db, const struct config *config, int64_t run, bool *ret);

/* Why the caller may not approve a draft now, as the route would refuse: role, person, drafter,
 * wait (until *ret_until) or warnings; NULL: they may. */
enum rc approval_say(struct scope *s, struct db *db, const struct config *config, int64_t run,
    const struct key *key, const char **ret_reason, int64_t *ret_until);

/* When the person of a key may approve a run: 0 for at once. Until then the person and the drafter
 * may be one, by a change of access within approval_wait (decision 110). */
enum rc approval_hold(struct scope *s, struct db *db, const struct config *config, int64_t run,
    int64_t key, int64_t *ret_until);
