/* GET /v1/broadcasts/{id}, .../deliveries, POST .../retry, POST .../cancel, POST .../resume. */
#include "api/call/audit_log.h"
#include "api/broadcasts/broadcast_live.h"
#include "api/call/call.h"
#include "api/broadcasts/broadcasts.h"

STMT(broadcast_cancel_one,
    "UPDATE broadcast SET state = 'cancelled' WHERE id = $1 AND state IN ('held', 'sending')"
    " RETURNING id",
    .row = &row_int);
STMT(broadcast_retry_failed,
    "WITH again AS (DELETE FROM delivery WHERE broadcast_id = $1 AND state = 'failed'"
    "     RETURNING broadcast_id, recipient_id, channel, code, reason)"
    " INSERT INTO delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at,"
    "   code, reason, possible_duplicate)"
    " SELECT broadcast_id, recipient_id, channel, 0, now(), now(), code, reason, true FROM again");
STMT(broadcast_reopen,
    "UPDATE broadcast SET state = 'sending', done_at = NULL WHERE id = $1"
    " AND state IN ('sending', 'done') RETURNING id",
    .row = &row_int);
STMT(broadcast_unhold, "SELECT amends.relay_resume($1, $2)", .row = &row_bool);
STMT(broadcast_notify, "SELECT pg_notify('broadcast', $1)");

struct resume {
    bool anyway;
};
const struct shape resume_shape = SHAPE("Resume", struct resume,
    FIELD(BOOL, anyway, .def = "false",
        .doc = "Send all of it, however many the relay refuses. Otherwise it is held again when "
               "many are refused."));

static enum rc reply_broadcast(struct call *c, int64_t id)
{
    struct broadcast row;
    TRY(broadcast_read(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

enum rc broadcast_show(struct call *c)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    return reply_broadcast(c, id);
}

static enum rc cancel(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    int64_t id, changed;
    TRY(call_id((struct call *)c, 0, &id));
    TRY(IF_NONE(db_one(s, db, &broadcast_cancel_one, PARAMS(P_INT(id)), &changed),
        fail(s, RC_CONFLICT, "broadcast %lld has ended already", (long long)id)));
    return audit_add(s, db, call_actor(c), "broadcast.cancel", c->param[0], NULL);
}

static enum rc retry(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    int64_t id, changed;
    TRY(call_id((struct call *)c, 0, &id));
    TRY(IF_NONE(db_one(s, db, &broadcast_reopen, PARAMS(P_INT(id)), &changed),
        fail(s, RC_CONFLICT, "broadcast %lld cannot be retried", (long long)id)));
    TRY(db_do(s, db, &broadcast_retry_failed, PARAMS(P_INT(id)), NULL));
    TRY(db_do(s, db, &broadcast_notify, PARAMS(P_TEXT(c->param[0])), NULL));
    return audit_add(s, db, call_actor(c), "broadcast.retry", c->param[0], NULL);
}

static enum rc resume(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct resume *in = c->body;
    int64_t id;
    bool held;
    TRY(call_id((struct call *)c, 0, &id));
    TRY(db_one(s, db, &broadcast_unhold, PARAMS(P_INT(id), P_BOOL(in->anyway)), &held));
    if (!held)
        return fail(s, RC_CONFLICT, "broadcast %lld is not held by relay trouble", (long long)id);
    return audit_add(s, db, call_actor(c), "broadcast.resume", c->param[0],
        in->anyway ? "{\"anyway\":true}" : NULL);
}

static enum rc change(struct call *c, db_txn_fn *fn)
{
    int64_t id;
    TRY(call_id(c, 0, &id));
    TRY(broadcast_check(c->s, c->db, id));
    TRY(db_txn(c->s, c->db, fn, c));
    return reply_broadcast(c, id);
}

enum rc broadcast_cancel(struct call *c)
{
    return change(c, cancel);
}

enum rc broadcast_retry(struct call *c)
{
    return change(c, retry);
}

enum rc broadcast_resume(struct call *c)
{
    return change(c, resume);
}
