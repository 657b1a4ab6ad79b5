#include "billing/compute.h"

#include <pthread.h>
#include <string.h>

#include "billing/engine/engine.h"
#include "billing/engine/evidence/read.h"
#include "billing/engine/number/calendar.h"
#include "billing/engine/policy/policy.h"
#include "billing/zones.h"
#include "core/db/db_copy.h"
#include "core/json.h"

/* Groups whose results go to SQL at once. */
enum { BATCH = 500 };

STMT(compute_needs_engine, "SELECT amends.credit_run_needs_engine($1) AS needs", .row = &row_bool);
STMT(compute_by_sql, "SELECT amends.credit_run_compute($1)");
STMT(compute_begin_draft, "SELECT amends.credit_run_engine_draft($1)");
STMT(compute_begin, "SELECT amends.credit_run_engine_begin($1)");
STMT(compute_take, "SELECT amends.credit_run_engine_take($1::jsonb)");
STMT(compute_write, "SELECT amends.credit_run_engine_write($1)");
STMT(compute_accounts, "SELECT amends.credit_run_engine_accounts()");
STMT(compute_forget, "SELECT amends.credit_run_engine_forget()");
STMT(compute_moved, "SELECT amends.credit_run_moved($1) AS moved", .row = &row_bool);
STMT(compute_judge, "SELECT amends.credit_run_judge($1) AS holds", .row = &row_bool);

SHAPE_STATIC(struct compute_asked, compute_asked_shape, "ComputeAsked", FIELD(INT, version),
    FIELD(RAW, document), FIELD(RAW, evidence));
STMT(compute_evidence,
    "SELECT p.version, p.document, amends.credit_run_engine_evidence() AS evidence"
    " FROM credit_run r JOIN policy p ON p.id = r.policy_id WHERE r.id = $1",
    .row = &compute_asked_shape);

SHAPE_STATIC(struct compute_group, compute_group_shape, "ComputeGroup", FIELD(INT, share),
    FIELD(RAW, account), FIELD(RAW, held));
STMT(compute_groups, "SELECT share, account, held FROM amends.credit_run_engine_groups()",
    .row = &compute_group_shape);

/* One table of zones a process, for all its threads. */
static const struct zone *shared_zone(void *ctx, const char *name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct zones *zones;
    (void)ctx;
    pthread_mutex_lock(&lock);
    if (!zones)
        zones = zones_new();
    const struct zone *zone = zones_find(zones, name);
    pthread_mutex_unlock(&lock);
    return zone;
}

struct computing {
    struct scope *s; /* of the run */
    struct rule rule;
    struct evidence evidence;
    int64_t version;
    json_t *results;     /* of this batch */
    struct list batches; /* of char *, JSON */
};

static void add_batch(struct computing *c)
{
    char **at = SCOPE_ARRAY(c->s, char *, c->batches.n + 1);
    if (c->batches.n)
        memcpy(at, c->batches.at, c->batches.n * sizeof *at);
    at[c->batches.n] = json_text(c->s, c->results);
    c->batches = (struct list){.at = at, .n = c->batches.n + 1};
    json_array_clear(c->results);
}

static json_t *number(struct scope *s, mpq_srcptr value, int digits)
{
    return json_string(rat_decimal(s, value, digits));
}

/* Seconds end after 14 decimals: microseconds times a weight of 8. */
static json_t *line_json(struct scope *s, const struct computing *c, const struct credit_line *line)
{
    json_t *explain = json_copy((json_t *)line->explain);
    json_object_set_new(explain, "policy_version", json_integer(c->version));
    json_t *out = json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o}", "from",
        day_text(s, line->window.from_day), "to", day_text(s, line->window.to_day), "amount",
        (json_int_t)line->amount, "earlier", (json_int_t)line->earlier, "taken",
        (json_int_t)line->taken, "seconds", number(s, line->seconds, 14), "explain", explain);
    if (line->cap)
        json_object_set_new(out, "cap", number(s, line->cap, 0));
    return out;
}

static json_t *result_json(
    struct scope *s, const struct computing *c, int64_t share, const struct credit *credit)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < credit->n_lines; i++)
        json_array_append_new(lines, line_json(s, c, &credit->lines[i]));
    for (size_t i = 0; i < credit->n_excess; i++) {
        const struct excess *excess = &credit->excess[i];
        json_array_append_new(lines,
            json_pack("{s:s, s:s, s:I, s:I, s:i, s:s}", "from", day_text(s, excess->from_day), "to",
                day_text(s, excess->from_day), "excess", (json_int_t)excess->minor, "earlier",
                (json_int_t)excess->earlier, "taken", 0, "seconds", "0"));
    }
    json_t *out = json_pack("{s:I, s:s, s:o, s:o}", "share", (json_int_t)share, "currency",
        credit->currency, "seconds", number(s, credit->seconds, 14), "lines", lines);
    if (credit->left_out)
        json_object_set_new(out, "left_out", json_string(credit->left_out));
    return out;
}

static enum rc compute_group(struct scope *s, struct computing *c, const struct compute_group *row)
{
    json_t *account_json, *held_json = NULL;
    struct account account;
    struct held_lines held = {0};
    struct credit credit;
    TRY(json_parse(s, row->account, strlen(row->account), &account_json));
    TRY(read_account(s, account_json, shared_zone, NULL, &account));
    if (row->held) {
        TRY(json_parse(s, row->held, strlen(row->held), &held_json));
        TRY(read_held(s, held_json, &held));
    }
    TRY(engine_rate(s, &c->rule, &account, &c->evidence, &held, &credit));
    if (credit.n_lines || credit.n_excess || credit.left_out)
        json_array_append_new(c->results, result_json(s, c, row->share, &credit));
    return RC_OK;
}

static enum rc take_group(struct scope *outer, const void *row, void *arg)
{
    (void)outer;
    struct computing *c = arg;
    SCOPE(s);
    if (compute_group(s, c, row) != RC_OK)
        return fail_from(c->s, s);
    if (json_array_size(c->results) >= BATCH)
        add_batch(c);
    return RC_OK;
}

/* The lines of every group into the working tables. */
static enum rc rate_groups(struct scope *s, struct db *db, int64_t run)
{
    struct compute_asked asked;
    json_t *document, *evidence;
    struct computing c = {.s = s, .results = json_own(s, json_array())};
    TRY(db_one(s, db, &compute_evidence, PARAMS(P_INT(run)), &asked));
    TRY(json_parse(s, asked.document, strlen(asked.document), &document));
    TRY(json_parse(s, asked.evidence, strlen(asked.evidence), &evidence));
    TRY(rule_read(s, document, shared_zone, NULL, &c.rule));
    TRY(read_evidence(s, evidence, 0, &c.evidence));
    c.version = asked.version;
    TRY(db_each(s, db, &compute_groups, NO_PARAMS, take_group, &c));
    add_batch(&c);
    for (size_t i = 0; i < c.batches.n; i++)
        TRY(db_do(s, db, &compute_take, PARAMS(P_TEXT(((char **)c.batches.at)[i])), NULL));
    return RC_OK;
}

enum rc compute_by_engine(struct scope *s, struct db *db, int64_t run, bool *ret)
{
    return db_one(s, db, &compute_needs_engine, PARAMS(P_INT(run)), ret);
}

enum rc compute_draft(struct scope *s, struct db *db, int64_t run)
{
    bool engine;
    TRY(compute_by_engine(s, db, run, &engine));
    if (!engine)
        return db_do(s, db, &compute_by_sql, PARAMS(P_INT(run)), NULL);
    TRY(db_do(s, db, &compute_begin_draft, PARAMS(P_INT(run)), NULL));
    TRY(rate_groups(s, db, run));
    return db_do(s, db, &compute_write, PARAMS(P_INT(run)), NULL);
}

enum rc compute_again(struct scope *s, struct db *db, int64_t run, bool *ret_holds)
{
    bool moved;
    *ret_holds = true;
    TRY(db_one(s, db, &compute_moved, PARAMS(P_INT(run)), &moved));
    if (!moved)
        return RC_OK;
    TRY(db_do(s, db, &compute_begin, PARAMS(P_INT(run)), NULL));
    TRY(rate_groups(s, db, run));
    TRY(db_do(s, db, &compute_accounts, NO_PARAMS, NULL));
    TRY(db_one(s, db, &compute_judge, PARAMS(P_INT(run)), ret_holds));
    return db_do(s, db, &compute_forget, NO_PARAMS, NULL);
}
