#pragma once
/*
 * SQL that can be replaced: functions, views and triggers, in files FOLDER/sql/NAME.sql beside the
 * code that calls them. The executable carries them (core/ first, then by path: a view or a body
 * that is bound at creation needs the objects it names before it) and installs them in schema
 * amends, which is dropped and created again whenever the installed code differs: no table, index,
 * constraint or default may depend on it. Table schema_code has a row per installation.
 */
#include "core/db/db.h"

struct code_seen {
    bool newest; /* the installed code is ours */
    bool known;  /* ours was installed earlier: the installed code is newer */
};
enum rc code_look(struct scope *s, struct db *db, struct code_seen *ret);

/* Install our code unless it is installed. Runs in the caller's transaction. */
enum rc code_install(struct scope *s, struct db *db);
