/* POST /v1/broadcasts/{id}/deliveries/{recipient}/replay. */
#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/broadcasts/broadcasts.h"

/* The webhook-id derives from broadcast and recipient, so it stays the same. */
STMT(replay_delivery,
    "WITH again AS (DELETE FROM delivery WHERE broadcast_id = $1 AND recipient_id = $2"
    "     AND channel = 'webhook' RETURNING broadcast_id, recipient_id, channel, code, reason)"
    " INSERT INTO delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at,"
    "   code, reason, possible_duplicate, replay)"
    " SELECT broadcast_id, recipient_id, channel, 0, now(), now(), code, reason, true, true"
    " FROM again RETURNING recipient_id AS id",
    .row = &row_int);
STMT(replay_reopen,
    "UPDATE broadcast SET state = 'sending', done_at = NULL WHERE id = $1"
    " AND state IN ('sending', 'done') RETURNING id",
    .row = &row_int);
STMT(replay_notify, "SELECT pg_notify('broadcast', $1)");

struct replay {
    const struct call *c;
    int64_t broadcast, recipient;
};

static enum rc replay(struct scope *s, struct db *db, void *arg)
{
    const struct replay *r = arg;
    int64_t id;
    TRY(IF_NONE(db_one(s, db, &replay_reopen, PARAMS(P_INT(r->broadcast)), &id),
        fail(s, RC_NOT_FOUND, "no sent broadcast %lld", (long long)r->broadcast)));
    TRY(IF_NONE(
        db_one(s, db, &replay_delivery, PARAMS(P_INT(r->broadcast), P_INT(r->recipient)), &id),
        fail(s, RC_NOT_FOUND, "the broadcast has no outcome for a webhook %lld",
            (long long)r->recipient)));
    TRY(db_do(s, db, &replay_notify, PARAMS(P_TEXT(r->c->param[0])), NULL));
    return audit_add(s, db, call_actor(r->c), "delivery.replay",
        scope_printf(s, "%s/%s", r->c->param[0], r->c->param[1]), NULL);
}

enum rc delivery_replay(struct call *c)
{
    struct replay r = {.c = c};
    TRY(call_id(c, 0, &r.broadcast));
    TRY(call_id(c, 1, &r.recipient));
    TRY(db_txn(c->s, c->db, replay, &r));
    return broadcast_show(c);
}
