#ifndef CORE_DB_MIGRATE_H
#define CORE_DB_MIGRATE_H
/*
 * The schema's migrations: files migrations/NNNN_name.sql that the executable carries.
 *
 * Forward only, in order of their numbers, each in a transaction of its own that also
 * records it in schema_migration. A session advisory lock makes concurrent callers
 * wait for each other; the later one then finds nothing to do. Afterwards, each time,
 * come the database roles (deploy/roles.sql), then in one transaction what can be replaced
 * (core/db/code.h) and what the roles may (deploy/grants.sql).
 */
#include "core/db/db.h"

/* Apply what is missing; *ret_applied (may be NULL): how many migrations were. RC_CONFLICT when
 * the text of an applied migration differs from ours, the database is newer than this executable,
 * or it is from before 0.1: nothing is changed then. */
enum rc migrate_run(struct scope *s, struct db *db, int *ret_applied);

/* The database roles of deploy/roles.sql that this cluster lacks, as "a, b" for a person; NULL when
 * it has all. migrate_run creates them if the user may (CREATEROLE), and otherwise goes on without
 * them. */
enum rc migrate_absent_roles(struct scope *s, struct db *db, const char **ret_names);

/* Whether the schema is what migrate_run of this executable would make of it. Older: it lacks
 * migrations or functions of ours. Newer: it has others since. A role may run with a schema that is
 * newer, not with one that is older. */
struct schema_seen {
    enum { SCHEMA_OURS, SCHEMA_OLDER, SCHEMA_NEWER } is;
    const char *at;  /* "at 0010", and what differs */
    const char *fix; /* what a person does about it; NULL: nothing */
};
enum rc migrate_look(struct scope *s, struct db *db, struct schema_seen *ret);

/* For a role that starts: logs it when the schema is not ours. */
void migrate_warn(struct db *db);

/* The number of the last migration that this executable carries. */
int migrate_latest(void);

#endif
