#pragma once
/*
 * SQL scripts with several statements, which the extended protocol does not support. Only for
 * migrations and replaceable code; all other SQL is a STMT.
 */
#include "core/db/db.h"
#include "core/embed.h"

enum rc script_run(struct scope *s, struct db *db, const char *sql);

/* The fault names the file. */
enum rc script_file(struct scope *s, struct db *db, const struct embed *file);

/* Run fn in a transaction without a time limit that waits for a table only briefly, because later
 * sessions wait behind it. Retried at most 20 times while other sessions use its tables. */
enum rc script_txn(struct scope *s, struct db *db, db_txn_fn *fn, const void *arg);
