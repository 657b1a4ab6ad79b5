#pragma once
/*
 * The schema's migrations: files migrations/NNNN_name.sql that the executable carries.
 *
 * Forward only, in order of their numbers, each in a transaction of its own that also records it in
 * schema_migration. A session advisory lock makes concurrent callers wait for each other; the later
 * one then finds nothing to do. Afterwards, each time, applies the database roles
 * (deploy/roles.sql), then in one transaction the replaceable code (core/db/code.h) and the
 * privileges of the roles (deploy/grants.sql).
 */
#include "core/db/db.h"

/* Apply the missing migrations and code; *ret_applied (may be NULL): number of migrations.
 * RC_CONFLICT when the text of an applied migration differs from ours, the database is newer than
 * this executable, or it is from before 0.1: nothing is changed then. */
enum rc migrate_run(struct scope *s, struct db *db, int *ret_applied);

/* The database roles of deploy/roles.sql that this cluster lacks, as "a, b" for a person; NULL when
 * it has all. migrate_run creates them if the user may (CREATEROLE), and otherwise goes on without
 * them. */
enum rc migrate_absent_roles(struct scope *s, struct db *db, const char **ret_names);

/* Compares the schema with this executable. Older: it lacks migrations or functions of ours. Newer:
 * it has later ones. A role may run with a newer schema, but not with an older one. */
struct schema_seen {
    enum { SCHEMA_OURS, SCHEMA_OLDER, SCHEMA_NEWER } is;
    const char *at;  /* "at 0010", and the difference */
    const char *fix; /* advice to a person; NULL: none */
};
enum rc migrate_look(struct scope *s, struct db *db, struct schema_seen *ret);

/* Call when a role starts: logs a schema that is not ours. */
void migrate_warn(struct db *db);

/* The number of the last migration that this executable carries. */
int migrate_latest(void);
