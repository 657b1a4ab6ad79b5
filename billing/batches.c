#include "billing/batches.h"

#include <pthread.h>
#include <string.h>

#include "billing/engine/engine.h"
#include "billing/engine/evidence/read.h"
#include "billing/engine/policy/policy.h"
#include "billing/zones.h"
#include "core/json.h"

enum { BATCH = 1000 };

SHAPE_STATIC(struct asked_row, asked_shape, "CreditAsked", FIELD(INT, version),
    FIELD(RAW, document), FIELD(RAW, evidence));
STMT(batches_asked,
    "SELECT p.version, p.document, amends.credit_run_question() AS evidence"
    " FROM credit_run r JOIN policy p ON p.id = r.policy_id WHERE r.id = $1",
    .row = &asked_shape);

SHAPE_STATIC(struct group, group_shape, "CreditGroup", FIELD(INT, share), FIELD(INT, accounts),
    FIELD(RAW, account), FIELD(RAW, held));
STMT(batches_next, "SELECT share, accounts, account, held FROM amends.credit_run_questions($1, $2)",
    .row = &group_shape);

struct batch {
    struct scope *s; /* NULL: no batch */
    const struct asked *asked;
    struct list groups;
    struct answers answers;
    group_fn *fn;
    void *arg;
    enum rc rc; /* of its computation; the fault is in s */
    pthread_t thread;
    bool threaded;
};

enum rc batches_ask(struct scope *s, struct db *db, int64_t run, bool explained, struct asked *ret)
{
    struct asked_row row;
    json_t *document, *evidence;
    TRY(db_one(s, db, &batches_asked, PARAMS(P_INT(run)), &row));
    TRY(json_parse(s, row.document, strlen(row.document), &document));
    TRY(json_parse(s, row.evidence, strlen(row.evidence), &evidence));
    struct asked asked = {.run = run, .version = row.version};
    TRY(rule_read(s, document, zones_shared, NULL, &asked.rule));
    TRY(read_evidence(s, evidence, 0, &asked.evidence));
    asked.evidence.unexplained = !explained;
    *ret = asked;
    return RC_OK;
}

static enum rc rate_group(struct scope *s, struct batch *batch, const struct group *group)
{
    json_t *account_json, *held_json = NULL;
    struct account account;
    struct held_lines held = {0};
    struct credit credit;
    TRY(json_parse(s, group->account, strlen(group->account), &account_json));
    TRY(read_account(s, account_json, zones_shared, NULL, &account));
    if (group->held) {
        TRY(json_parse(s, group->held, strlen(group->held), &held_json));
        TRY(read_held(s, held_json, &held));
    }
    TRY(engine_rate(s, &batch->asked->rule, &account, &batch->asked->evidence, &held, &credit));
    if (batch->fn)
        return batch->fn(s, group->share, group->accounts, &credit, batch->arg);
    answers_add(s, &batch->answers, group->share, &credit);
    return RC_OK;
}

static void *rate_batch(void *arg)
{
    struct batch *batch = arg;
    const struct group *at = batch->groups.at;
    batch->rc = RC_OK;
    for (size_t i = 0; i < batch->groups.n && batch->rc == RC_OK; i++) {
        SCOPE(s);
        batch->rc = rate_group(s, batch, &at[i]);
        if (batch->rc != RC_OK)
            fail_from(batch->s, s);
    }
    return NULL;
}

static void begin(struct batch *batch)
{
    batch->threaded = pthread_create(&batch->thread, NULL, rate_batch, batch) == 0;
    if (!batch->threaded)
        rate_batch(batch);
}

/* Wait for the computation. */
static enum rc end(struct scope *s, struct batch *batch)
{
    if (batch->threaded)
        pthread_join(batch->thread, NULL);
    batch->threaded = false;
    return batch->rc == RC_OK ? RC_OK : fail_from(s, batch->s);
}

static void drop(struct batch *batch)
{
    if (!batch->s)
        return;
    if (batch->threaded)
        pthread_join(batch->thread, NULL);
    answers_release(&batch->answers);
    scope_free(batch->s);
    *batch = (struct batch){0};
}

/* The groups behind *share, which becomes the last one's; none: no batch. */
static enum rc fetch(struct scope *s, struct db *db, int64_t *share, struct batch *batch)
{
    batch->s = scope_new();
    answers_init(&batch->answers, batch->asked->run, batch->asked->version);
    if (db_all(batch->s, db, &batches_next, PARAMS(P_INT(*share), P_INT(BATCH)), &batch->groups) !=
        RC_OK)
        return fail_from(s, batch->s);
    if (!batch->groups.n)
        drop(batch);
    else
        *share = ((const struct group *)batch->groups.at)[batch->groups.n - 1].share;
    return RC_OK;
}

struct pipe {
    struct batch now, next;
};

static void drop_both(struct pipe *pipe)
{
    drop(&pipe->now);
    drop(&pipe->next);
}

static enum rc give(struct scope *s, struct db *db, struct batch *batch)
{
    TRY(answers_give(s, db, &batch->answers));
    drop(batch);
    return RC_OK;
}

enum rc batches_compute(
    struct scope *s, struct db *db, const struct asked *asked, group_fn *fn, void *arg)
{
    int64_t share = 0;
    struct batch fresh = {.asked = asked, .fn = fn, .arg = arg};
    CLEANUP(drop_both) struct pipe pipe = {.now = fresh};
    TRY(fetch(s, db, &share, &pipe.now));
    if (pipe.now.s)
        begin(&pipe.now);
    while (pipe.now.s) {
        pipe.next = fresh;
        TRY(fetch(s, db, &share, &pipe.next));
        TRY(end(s, &pipe.now));
        struct batch done = pipe.now;
        pipe.now = pipe.next;
        pipe.next = done;
        if (pipe.now.s)
            begin(&pipe.now);
        TRY(give(s, db, &pipe.next));
    }
    return RC_OK;
}
