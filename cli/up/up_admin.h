#ifndef CLI_UP_UP_ADMIN_H
#define CLI_UP_UP_ADMIN_H
/* The keys that `amends up` makes for its user. */
#include "cli/up/up_place.h"
#include "core/db/db.h"

/* DIR/master.key, made when missing and given to the roles' user. */
enum rc admin_master_key(struct scope *s, const struct place *place);

/* DIR/admin.key holds an API key with every scope, `amends_<id>_<secret>` and a line
 * end: made when missing, and recorded in the database when it is not there. */
enum rc admin_api_key(struct scope *s, const struct place *place, struct db *db);

#endif
