/* amends ledger verify */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "core/db/db.h"
#include "core/json.h"

struct ledger_fault {
    const char *place;
    const char *fault;
};
static const struct shape ledger_fault_shape =
    SHAPE("LedgerFault", struct ledger_fault, FIELD(TEXT, place, .required = true, .max = 1000),
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

static enum rc verify(struct scope *s, struct db *db, void *arg)
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

struct arguments {
    struct options options; /* first member: filled by options_read */
    const char *verb;
};

static void check(void *input, struct argp_state *state)
{
    const struct arguments *arguments = input;
    if (!arguments->verb || strcmp(arguments->verb, "verify") != 0)
        argp_usage(state);
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

int command_ledger(int argc, char **argv)
{
    const struct command_line line = {.words = {offsetof(struct arguments, verb)},
        .check = check,
        .args_doc = "verify",
        .doc = "Recompute the books: the hash chain of the audit log, the sums of the ledger, each "
               "credit from its lines, each line from its stored explanation. Exits with 1 and "
               "names the first wrong row."};
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
    SCOPE(s);
    struct config config;
    int code = options_load_place(s, &arguments.options, "ledger", &config);
    if (code)
        return code;
    CLEANUP(db_close) struct db *db = db_new(config.database_url, "amends ledger");
    struct check check;
    if (db_txn(s, db, verify, &check) != RC_OK)
        return options_fail("amends ledger", s);
    if (arguments.options.json)
        print_json(s, &check);
    else
        print(&check);
    return check.fault.place ? 1 : 0;
}
