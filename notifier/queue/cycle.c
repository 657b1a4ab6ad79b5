#include "notifier/queue/cycle.h"

#include "notifier/queue/audience.h"
#include "notifier/queue/recipients.h"
#include "core/crash_point.h"

/* Places in the pipe, -1 where there is nothing. */
struct plan {
    struct db_pipe pipe;
    struct settlement settlement;
    int look;
    int claim[CHANNEL_COUNT];
    struct broadcast *broadcast[CHANNEL_COUNT];
};

static enum rc plan_claims(
    struct scope *s, struct round *round, const struct round_work *work, struct plan *plan)
{
    struct claimant *claimant = &round->claimant;
    for (enum channel c = 0; c < CHANNEL_COUNT; c++) {
        const struct fresh_pick *pick = &round->next[c];
        plan->claim[c] = -1;
        if (!work->wanted[c] || !pick->broadcast_id)
            continue;
        TRY(broadcast_get(
            s, claimant->db, claimant->broadcasts, pick->broadcast_id, &plan->broadcast[c]));
        plan->claim[c] = fresh_claim(
            s, &plan->pipe, pick, &round->pace[c], c, plan->broadcast[c], claimant->session->id);
    }
    return RC_OK;
}

static bool any(const bool wanted[CHANNEL_COUNT])
{
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        if (wanted[c])
            return true;
    return false;
}

static enum rc make_batch(struct scope *s, struct round *round, struct plan *plan, enum channel c)
{
    struct claimant *claimant = &round->claimant;
    struct list rows;
    TRY(db_pipe_rows(s, &plan->pipe, plan->claim[c], &rows));
    const struct audience_row *first = rows.at;
    bool any_found = rows.n && first->batch_id;
    fresh_claimed(&round->pace[c], any_found ? rows.n : 0);
    if (!any_found)
        return RC_OK;
    torture_point("claimed");
    struct recipients_spec spec = {
        .broadcast = plan->broadcast[c],
        .channel = c,
        .batch_id = first->batch_id,
        .lease = first->lease,
    };
    struct batch *batch = NULL;
    TRY(recipients_batch(s, claimant->db, claimant->broadcasts, &spec, &rows, &batch));
    batch->broadcast->batches++;
    session_add(claimant->session, batch);
    handover_batch(round->handover, batch);
    return RC_OK;
}

/* The batches are ours by now. One that can not be read to its end, because the database
 * went away, is given up with all that we are: whoever comes first takes it over. */
static enum rc make_batches(struct scope *s, struct round *round, struct plan *plan)
{
    enum rc rc = RC_OK;
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        if (plan->claim[c] >= 0 && rc == RC_OK)
            rc = make_batch(s, round, plan, c);
    if (rc != RC_OK)
        session_forget(round->claimant.session);
    return rc;
}

static enum rc look_ahead(struct scope *s, struct round *round, const struct round_work *work,
    struct plan *plan, struct round_result *result)
{
    if (plan->look < 0)
        return RC_OK;
    TRY(fresh_found(s, &plan->pipe, plan->look, work->wanted, round->next));
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        result->more[c] = round->next[c].broadcast_id != 0;
    return RC_OK;
}

enum rc round_run(
    struct scope *s, struct round *round, const struct round_work *work, struct round_result *ret)
{
    struct db *db = round->claimant.db;
    struct plan plan = {.pipe = {.db = db}, .look = -1};
    *ret = (struct round_result){0};
    TRY(session_check(s, db, round->claimant.session));
    settle_add(s, &plan.pipe, work->ended, work->n, work->again, &plan.settlement);
    TRY(plan_claims(s, round, work, &plan));
    if (any(work->wanted))
        plan.look = fresh_look(s, &plan.pipe, work->wanted);
    if (work->n)
        torture_point("settling");
    if (plan.pipe.n)
        TRY(db_pipe_run(s, &plan.pipe));
    if (work->n)
        torture_point("settled");
    struct settled settled;
    TRY(settle_apply(s, &plan.pipe, round->claimant.session, &plan.settlement, &settled));
    ret->settled = true;
    ret->finished = settled.finished;
    TRY(make_batches(s, round, &plan));
    /* We hung for longer than our leases: nothing more is sent before we know which are gone. */
    if (settled.lost)
        TRY(session_renew(s, db, round->claimant.session));
    return look_ahead(s, round, work, &plan, ret);
}
