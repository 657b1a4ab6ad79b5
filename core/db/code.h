#ifndef CORE_DB_CODE_H
#define CORE_DB_CODE_H
/*
 * SQL that can be replaced: functions, views and triggers, in files FOLDER/sql/NAME.sql beside the
 * code that calls them. The executable carries them (core/ first, then by path: a view or a body
 * that is bound when it is made needs what it names before it) and they stand in schema amends,
 * which is dropped and made anew whenever they are not what is installed: no table, index,
 * constraint or default may depend on it. Table schema_code has a row for each such time.
 */
#include "core/db/db.h"

struct code_seen {
    bool newest; /* ours is what is installed */
    bool known;  /* ours was installed at some time: what is there is newer */
};
enum rc code_look(struct scope *s, struct db *db, struct code_seen *ret);

/* Make the schema ours, unless it is. Within the caller's transaction. */
enum rc code_install(struct scope *s, struct db *db);

#endif
