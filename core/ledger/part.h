#pragma once
/*
 * What each kind of entry of the ledger's chain pins: rows of some tables, in a defined order, with
 * every column of the table that is final then. A column that is set later belongs to the entry of
 * that event; `state` columns follow from the entries and are compared with them
 * (ledger_chain.sql). A statement selects `*`, so that a new column is pinned without a change
 * here.
 */
#include "core/db/db.h"

struct ledger_part {
    const char *table;
    const char *key;         /* the columns that name a row, separated by spaces */
    const char *without;     /* columns that are not final yet, or are generated from others */
    const struct stmt *rows; /* $1: the object; for ids: bigint[]; for audit: after $1, to $2 */
};

struct ledger_parts {
    const char *kind;
    const struct ledger_part *at; /* n of them */
    size_t n;
    bool of_ids; /* the entry names rows by ids, not by an object */
    bool totals; /* and pins the totals by currency of a run */
};

/* NULL if there is no such kind. */
const struct ledger_parts *ledger_parts_of(const char *kind);

/* Every entry pins the rows of the audit log since the entry before. */
extern const struct ledger_part ledger_part_audit;

/* Totals of a run by currency, as JSON. */
enum rc ledger_totals(struct scope *s, struct db *db, int64_t run, const char **ret);
