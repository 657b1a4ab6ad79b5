#pragma once
/* An entry of the chain beside the rows that it pins, as they are now. */
#include "core/ledger/entry.h"

enum { LEDGER_FAULTS_MAX = 100 };

struct ledger_fault {
    const char *place, *fault; /* "credit 5", "amount_minor changed since entry 17 (draft 3)" */
};

struct ledger_faults {
    struct scope *s; /* owns the texts */
    struct ledger_fault at[LEDGER_FAULTS_MAX];
    size_t n;
    int64_t more; /* that did not fit */
};

void ledger_fault(struct ledger_faults *faults, const char *place, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Add what differs: the entry's own hash, its tables, totals and audit rows. Reads every row; its
 * memory does not grow with them. */
enum rc ledger_compare(
    struct scope *s, struct db *db, const struct entry *entry, struct ledger_faults *faults);
