#include "billing/compute.h"

#include <pthread.h>
#include <string.h>

#include "billing/answers.h"
#include "billing/engine/engine.h"
#include "billing/engine/evidence/read.h"
#include "billing/engine/policy/policy.h"
#include "billing/zones.h"
#include "core/json.h"

/* Groups that are read, computed and written at once. */
enum { BATCH = 1000 };

STMT(compute_begin_draft, "SELECT amends.credit_run_draft($1)");
STMT(compute_begin, "SELECT amends.credit_run_begin($1)");
STMT(compute_finish, "SELECT amends.credit_run_finish($1)");
STMT(compute_forget, "SELECT amends.credit_run_forget()");
STMT(compute_moved, "SELECT amends.credit_run_moved($1) AS moved", .row = &row_bool);
STMT(compute_judge, "SELECT amends.credit_run_judge($1) AS holds", .row = &row_bool);

SHAPE_STATIC(struct compute_asked, compute_asked_shape, "ComputeAsked", FIELD(INT, version),
    FIELD(RAW, document), FIELD(RAW, evidence));
STMT(compute_evidence,
    "SELECT p.version, p.document, amends.credit_run_question() AS evidence"
    " FROM credit_run r JOIN policy p ON p.id = r.policy_id WHERE r.id = $1",
    .row = &compute_asked_shape);

SHAPE_STATIC(struct compute_group, compute_group_shape, "ComputeGroup", FIELD(INT, share),
    FIELD(INT, accounts), FIELD(RAW, account), FIELD(RAW, held));
STMT(compute_next, "SELECT share, accounts, account, held FROM amends.credit_run_questions($1, $2)",
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
    struct rule rule;
    struct evidence evidence;
    int64_t version;
    compute_fn *fn;
    void *arg;
};

static enum rc read_run(
    struct scope *s, struct db *db, int64_t run, bool explained, struct computing *ret)
{
    struct compute_asked asked;
    json_t *document, *evidence;
    TRY(db_one(s, db, &compute_evidence, PARAMS(P_INT(run)), &asked));
    TRY(json_parse(s, asked.document, strlen(asked.document), &document));
    TRY(json_parse(s, asked.evidence, strlen(asked.evidence), &evidence));
    TRY(rule_read(s, document, shared_zone, NULL, &ret->rule));
    TRY(read_evidence(s, evidence, 0, &ret->evidence));
    ret->evidence.unexplained = !explained;
    ret->version = asked.version;
    return RC_OK;
}

static enum rc compute_group(
    struct scope *s, const struct computing *c, const struct compute_group *row)
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
    return c->fn(s, row->share, row->accounts, &credit, c->arg);
}

/* Compute the groups behind *share, at most BATCH; *share becomes the last one's, 0: none. */
static enum rc compute_batch(
    struct scope *outer, struct db *db, const struct computing *c, int64_t *share)
{
    SCOPE(batch);
    struct list rows;
    if (db_all(batch, db, &compute_next, PARAMS(P_INT(*share), P_INT(BATCH)), &rows) != RC_OK)
        return fail_from(outer, batch);
    const struct compute_group *at = rows.at;
    for (size_t i = 0; i < rows.n; i++) {
        SCOPE(s);
        if (compute_group(s, c, &at[i]) != RC_OK)
            return fail_from(outer, s);
    }
    *share = rows.n ? at[rows.n - 1].share : 0;
    return RC_OK;
}

enum rc compute_groups(struct scope *s, struct db *db, int64_t run, compute_fn *fn, void *arg)
{
    struct computing c = {.fn = fn, .arg = arg};
    int64_t share = 0;
    TRY(read_run(s, db, run, false, &c));
    do
        TRY(compute_batch(s, db, &c, &share));
    while (share);
    return RC_OK;
}

static enum rc add_answer(
    struct scope *s, int64_t share, int64_t accounts, const struct credit *credit, void *arg)
{
    (void)accounts;
    answers_add(s, arg, share, credit);
    return RC_OK;
}

static enum rc answer_all(
    struct scope *s, struct db *db, struct computing *c, struct answers *answers)
{
    int64_t share = 0;
    do {
        TRY(compute_batch(s, db, c, &share));
        TRY(answers_give(s, db, answers));
    } while (share);
    return RC_OK;
}

/* The lines of every group into the working tables. */
static enum rc answer(struct scope *s, struct db *db, int64_t run, bool explained)
{
    struct computing c = {.fn = add_answer};
    TRY(read_run(s, db, run, explained, &c));
    CLEANUP(answers_release) struct answers answers;
    answers_init(&answers, run, c.version);
    c.arg = &answers;
    return answer_all(s, db, &c, &answers);
}

enum rc compute_draft(struct scope *s, struct db *db, int64_t run)
{
    TRY(db_do(s, db, &compute_begin_draft, PARAMS(P_INT(run)), NULL));
    TRY(answer(s, db, run, true));
    return db_do(s, db, &compute_finish, PARAMS(P_INT(run)), NULL);
}

enum rc compute_again(struct scope *s, struct db *db, int64_t run, bool *ret_holds)
{
    bool moved;
    *ret_holds = true;
    TRY(db_one(s, db, &compute_moved, PARAMS(P_INT(run)), &moved));
    if (!moved)
        return RC_OK;
    TRY(db_do(s, db, &compute_begin, PARAMS(P_INT(run)), NULL));
    TRY(answer(s, db, run, false));
    TRY(db_one(s, db, &compute_judge, PARAMS(P_INT(run)), ret_holds));
    return db_do(s, db, &compute_forget, NO_PARAMS, NULL);
}
