#pragma once
/*
 * Whether this process keeps messages in the outbox instead of sending them (decision 122): by
 * default in an installation that never had a relay or an SMS provider.
 */
#include "core/config.h"
#include "core/db/db.h"

/* RC_INVALID if outbox = on beside a relay or provider. */
enum rc outbox_mode_check(struct scope *s, const struct config *config);

/* Decide at the start, and record that a relay or provider is in use. */
enum rc outbox_mode_decide(
    struct scope *s, struct db *db, const struct config *config, bool *ret_outbox);

/* Has a process with a relay started since? Then this one must keep nothing more. */
enum rc outbox_mode_is_over(
    struct scope *s, struct db *db, const struct config *config, bool *ret_over);
