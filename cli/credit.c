/* amends credit explain ID; run and approve are in credit_run.c */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/credit_run.h"
#include "cli/credit_words.h"
#include "cli/options.h"
#include "core/db/db.h"
#include "core/json.h"
#include "core/money.h"

enum { OUTPUT_MAX = 16 * 1024 * 1024 };

struct credit {
    int64_t id;
    int64_t run;
    const char *account;
    const char *name;
    const char *currency;
    int64_t amount_minor;
    const char *state;
    const char *policy;
    int64_t version;
    const char *model;
    const char *incidents;
    int64_t issued_at;
};

static const struct shape credit_shape = SHAPE("ExplainedCredit", struct credit,
    FIELD(INT, id, .required = true), FIELD(INT, run, .required = true),
    FIELD(TEXT, account, .required = true), FIELD(TEXT, name, .required = true),
    FIELD(TEXT, currency, .required = true), FIELD(INT, amount_minor, .required = true),
    FIELD(TEXT, state, .required = true), FIELD(TEXT, policy, .required = true),
    FIELD(INT, version, .required = true), FIELD(TEXT, model, .required = true),
    FIELD(TEXT, incidents, .max = 1000000), FIELD(TIME, issued_at));

STMT(credit_to_explain,
    "SELECT c.id, c.run_id AS run, a.external_id AS account, a.name, c.currency, c.amount_minor,"
    " c.state, p.name AS policy, p.version, p.document->>'model' AS model, c.issued_at,"
    " (SELECT string_agg(i.ref, ', ' ORDER BY i.id) FROM credit_run_incident r"
    "   JOIN incident i ON i.id = r.incident_id WHERE r.run_id = c.run_id) AS incidents"
    " FROM credit c JOIN account a ON a.id = c.account_id JOIN credit_run n ON n.id = c.run_id"
    " JOIN policy p ON p.id = n.policy_id WHERE c.id = $1",
    .row = &credit_shape);

STMT(credit_lines_to_explain,
    "SELECT amends.explain(l) FROM credit_line l WHERE credit_id = $1 ORDER BY period_from",
    .row = &row_text);

struct arguments {
    struct options options;
    const char *verb, *number;
    int64_t id;
};

static void check(void *input, struct argp_state *state)
{
    struct arguments *arguments = input;
    char *end;
    if (!arguments->number)
        argp_usage(state);
    errno = 0;
    arguments->id = strtoll(arguments->number, &end, 10);
    if (strcmp(arguments->verb, "explain") != 0)
        argp_error(state, "'%s' is not a credit id", arguments->verb);
    if (errno || *end || arguments->id < 1)
        argp_error(state, "'%s' is not a credit id", arguments->number);
}

static void add_head(struct scope *s, struct strbuf *b, const struct credit *credit)
{
    strbuf_addf(b, "Credit %" PRId64 ": %s for %s (%s), %s\n", credit->id,
        money_text(s, credit->amount_minor, credit->currency), credit->account, credit->name,
        credit->state);
    strbuf_addf(b, "Run %" PRId64 ", policy %s version %" PRId64 ", model %s\n", credit->run,
        credit->policy, credit->version, credit->model);
    strbuf_addf(b, "Incidents: %s\n", credit->incidents ? credit->incidents : "none");
}

/* *ret_lines: the calculation of each line. */
static enum rc find(
    struct scope *s, struct db *db, int64_t id, struct credit *ret, json_t **ret_lines)
{
    struct list rows;
    TRY(IF_NONE(db_one(s, db, &credit_to_explain, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no credit %" PRId64, id)));
    TRY(db_all(s, db, &credit_lines_to_explain, PARAMS(P_INT(id)), &rows));
    json_t *lines = json_own(s, json_array());
    const char *const *row = rows.at;
    for (size_t i = 0; i < rows.n; i++) {
        json_t *line = NULL;
        TRY(json_parse(s, row[i], strlen(row[i]), &line));
        json_array_append(lines, line);
    }
    *ret_lines = lines;
    return RC_OK;
}

static void print_words(
    struct scope *s, struct strbuf *b, const struct credit *credit, const json_t *lines)
{
    size_t i;
    json_t *line;
    add_head(s, b, credit);
    json_array_foreach(lines, i, line)
    {
        strbuf_addch(b, '\n');
        credit_words(s, b, line, credit->currency);
    }
    strbuf_addf(b, "\nTotal %s\n", money_text(s, credit->amount_minor, credit->currency));
}

static enum rc explain(
    struct scope *s, struct db *db, const struct arguments *arguments, struct strbuf *b)
{
    struct credit credit;
    json_t *lines = NULL;
    TRY(find(s, db, arguments->id, &credit, &lines));
    if (!arguments->options.json) {
        print_words(s, b, &credit, lines);
        return RC_OK;
    }
    json_t *json = shape_json(s, &credit_shape, &credit);
    json_object_set(json, "lines", lines);
    strbuf_addf(b, "%s\n", json_text(s, json));
    return RC_OK;
}

/* `run` and `approve` use the API, `explain` reads the database. */
static bool is_run(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], "run") || !strcmp(argv[i], "acknowledge") ||
            !strcmp(argv[i], "approve"))
            return true;
    return false;
}

int command_credit(int argc, char **argv)
{
    if (is_run(argc, argv))
        return credit_run(argc, argv);
    const struct command_line line = {
        .words = {offsetof(struct arguments, verb), offsetof(struct arguments, number)},
        .check = check,
        .args_doc = "explain ID\nrun --policy=NAME --incident=REF... --reason=TEXT\n"
                    "acknowledge RUN --warning=NAME...\napprove RUN",
        .doc = "explain prints the calculation of one credit: windows, weights, prices, rounding "
               "and cap, per line. For run and approve, see `amends credit run --help`."};
    struct arguments arguments = {0};
    options_read(&line, OPTIONS_PLACE | OPTIONS_OUTPUT, argc, argv, &arguments);
    SCOPE(s);
    struct config config;
    int code = options_load_place(s, &arguments.options, "credit", &config);
    if (code)
        return code;
    CLEANUP(db_close) struct db *db = db_new(config.database_url, "amends credit");
    STRBUF(b, OUTPUT_MAX);
    if (explain(s, db, &arguments, &b) != RC_OK)
        return options_fail("amends credit", s);
    fputs(b.buf, stdout);
    return 0;
}
