/* amends ledger verify */
#include <stdio.h>

#include "cli/command.h"
#include "core/json.h"

SHAPE_STATIC(struct ledger_fault, ledger_fault_shape, "LedgerFault",
    FIELD(TEXT, place, .required = true, .max = 1000),
    FIELD(TEXT, fault, .required = true, .max = 100000, .multiline = true));

/* Use one snapshot without a time limit, since a run may be issued meanwhile. */
STMT(ledger_snapshot, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
STMT(
    ledger_audit, "SELECT * FROM amends.ledger_faults_audit() LIMIT 1", .row = &ledger_fault_shape);
STMT(ledger_entries, "SELECT * FROM amends.ledger_faults_entries() AS f (place, fault) LIMIT 1",
    .row = &ledger_fault_shape);
STMT(ledger_credits, "SELECT * FROM amends.ledger_faults_credits() LIMIT 1",
    .row = &ledger_fault_shape);
STMT(
    ledger_lines, "SELECT * FROM amends.ledger_faults_lines() LIMIT 1", .row = &ledger_fault_shape);
STMT(ledger_count, "SELECT amends.ledger_counts() AS counts", .row = &row_text);

static const struct stmt *const checks[] = {
    &ledger_audit, &ledger_entries, &ledger_credits, &ledger_lines};

struct check {
    struct ledger_fault fault; /* place NULL: no difference */
    const char *counts;
};

static enum rc check_all(struct scope *s, struct db *db, void *arg)
{
    struct check *check = arg;
    TRY(db_do(s, db, &ledger_snapshot, NO_PARAMS, NULL));
    TRY(db_unhurried(s, db));
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        enum rc rc = db_one(s, db, checks[i], NO_PARAMS, &check->fault);
        if (rc != RC_NOT_FOUND)
            return rc;
    }
    check->fault = (struct ledger_fault){0};
    return db_one(s, db, &ledger_count, NO_PARAMS, &check->counts);
}

static void print(const struct check *check)
{
    if (check->fault.place)
        printf("wrong: %s: %s\n", check->fault.place, check->fault.fault);
    else
        printf("right: %s\n", check->counts);
}

static void print_json(struct scope *s, const struct check *check)
{
    const struct ledger_fault *fault = &check->fault;
    if (!fault->place)
        printf("{\"right\":true,\"counts\":%s}\n", check->counts);
    else
        puts(json_text(s, json_own(s, json_pack("{s:b, s:s, s:s}", "right", 0, "place",
                                          fault->place, "fault", fault->fault))));
}

static enum rc verify(struct scope *s, struct invocation *in)
{
    struct check check;
    TRY(db_txn(s, in->db, check_all, &check));
    if (in->json)
        print_json(s, &check);
    else
        print(&check);
    in->exit = check.fault.place ? 1 : 0;
    return RC_OK;
}

static const struct command_verb verbs[] = {
    {.name = "verify", .needs = NEED_DATABASE, .run = verify}, {0}};

const struct command command_ledger = {.name = "ledger",
    .summary = "Recompute ledger, audit and credits",
    .doc = "Recompute the books: the hash chain of the audit log, the sums of the ledger, each "
           "credit from its lines, each line from its stored explanation. Exits with 1 and "
           "names the first wrong row.",
    .verbs = verbs};
