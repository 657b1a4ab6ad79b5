#ifndef CORE_DB_MIGRATE_H
#define CORE_DB_MIGRATE_H
/*
 * The schema's migrations: files migrations/NNNN_name.sql that the executable carries.
 *
 * Forward only, in order of their numbers, each in a transaction of its own that also
 * records it in schema_migration. A session advisory lock makes concurrent callers
 * wait for each other; the later one then finds nothing to do. Afterwards, each time,
 * come the database roles (deploy/roles.sql) and what they may (deploy/grants.sql).
 */
#include "core/db/db.h"

/* Apply what is missing; *ret_applied (may be NULL): how many were. RC_CONFLICT when
 * the text of an applied migration differs from ours, or the database is newer than
 * this executable: nothing is changed then. */
enum rc migrate_run(struct scope *s, struct db *db, int *ret_applied);

/* The database roles of deploy/roles.sql that this cluster lacks, as "a, b" for a person; NULL
 * when all are there. migrate_run makes them where the user may (CREATEROLE), and goes on
 * without them where not. */
enum rc migrate_absent_roles(struct scope *s, struct db *db, const char **ret_names);

/* The number of the last applied migration; 0 for a database without our schema. */
enum rc migrate_level(struct scope *s, struct db *db, int *ret_level);

/* The number of the last migration that this executable carries. */
int migrate_latest(void);

#endif
