#pragma once
/* The keys that `amends up` makes for its user. */
#include "cli/up/up_place.h"
#include "core/db/db.h"

/* Create DIR/master.key if missing and make the roles' user its owner. */
enum rc admin_master_key(struct scope *s, const struct place *place);

/* Create DIR/admin.key if missing, with an API key of every scope, `amends_<id>_<secret>` and a
 * line end, and record it in the database. */
enum rc admin_api_key(struct scope *s, const struct place *place, struct db *db);
