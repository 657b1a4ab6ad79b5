#ifndef CORE_DB_SCRIPT_H
#define CORE_DB_SCRIPT_H
/*
 * SQL scripts: several statements at once, which the extended protocol cannot carry. For
 * migrations and for SQL that can be replaced; everything else is a STMT.
 */
#include "core/db/db.h"
#include "core/embed.h"

enum rc script_run(struct scope *s, struct db *db, const char *sql);

/* The fault names the file. */
enum rc script_file(struct scope *s, struct db *db, const struct embed *file);

/* fn in a transaction that may take as long as it needs but waits for a table only briefly, because
 * all who come later wait behind it. Tried again, at most 20 times, while others use its tables. */
enum rc script_txn(struct scope *s, struct db *db, db_txn_fn *fn, const void *arg);

#endif
