#include "notifier/queue/claim.h"

#include <string.h>

#include "core/clock.h"
#include "core/crash_point.h"
#include "messages/audience_sql.h"
#include "notifier/queue/audience.h"
#include "notifier/queue/recipients.h"

/* SMS are recorded before they are sent, so a crash makes a whole batch of them unknown. */
enum { FULL = 500, SMS_FULL = 20 };

/* A broadcast with due retries, or an orphan. */
struct pick {
    int64_t broadcast_id;
    int64_t batch_id, lease; /* of an orphan */
    int64_t lo, hi;          /* the range of an orphan; 0, 0: it has retries */
    bool newer_every, newer_milestone;
};

static const struct shape pick_shape = SHAPE("ClaimPick", struct pick, FIELD(INT, broadcast_id),
    FIELD(INT, batch_id, .def = "0"), FIELD(INT, lease, .def = "0"), FIELD(INT, lo, .def = "0"),
    FIELD(INT, hi, .def = "0"), FIELD(BOOL, newer_every), FIELD(BOOL, newer_milestone));

STMT(claim_pick_due,
    "SELECT c.broadcast_id, c.newer_every, c.newer_milestone"
    " FROM broadcast_cursor c JOIN broadcast b ON b.id = c.broadcast_id"
    " WHERE c.channel = $1::channel AND c.broadcast_id IN (SELECT r.broadcast_id"
    "   FROM delivery_retry r JOIN broadcast b ON b.id = r.broadcast_id" AUDIENCE_FREE
    "   WHERE r.channel = $1::channel AND r.batch_id IS NULL AND r.due_at <= now() LIMIT 1000)"
    " ORDER BY b.priority, b.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED",
    .row = &pick_shape);

STMT(claim_take_orphan,
    "WITH picked AS (SELECT b.id FROM batch b WHERE b.channel = $1::channel AND b.owner <> $2"
    "   AND (b.leased_until < now() OR NOT EXISTS (SELECT FROM amends.notifier_alive a"
    "     WHERE a.id = b.owner))"
    "   ORDER BY b.id LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " UPDATE batch b SET owner = $2, lease = nextval('batch_lease'), orphan = true,"
    "   leased_until = now() + interval '1 minute'"
    " FROM picked, broadcast_cursor c"
    " WHERE b.id = picked.id AND c.broadcast_id = b.broadcast_id AND c.channel = b.channel"
    " RETURNING b.broadcast_id, b.id AS batch_id, b.lease, b.lo, b.hi,"
    "   c.newer_every, c.newer_milestone",
    .row = &pick_shape);

/* Due retries that settle now (also SMS about to be sent: unknown, sending) leave the table; those
 * that are sent get the batch. */
STMT(claim_move_due,
    "WITH settled AS (INSERT INTO delivery (broadcast_id, recipient_id, channel, state, reason, "
    "attempts)"
    "   SELECT $1, u.id, $2::channel, u.state::delivery_state, u.reason, u.attempts"
    "   FROM unnest($3::bigint[], $4::text[], $5::text[], $6::smallint[])"
    "     AS u(id, state, reason, attempts)"
    "   ON CONFLICT DO NOTHING),"
    " gone AS (DELETE FROM delivery_retry WHERE broadcast_id = $1 AND recipient_id = ANY ($3)),"
    " made AS (INSERT INTO batch (broadcast_id, channel, lo, hi, lease, owner, leased_until)"
    "   SELECT $1, $2::channel, 0, 0, nextval('batch_lease'), $8, now() + interval '1 minute'"
    "   WHERE $9::boolean RETURNING id, lease),"
    " tried AS (UPDATE delivery_retry r SET batch_id = made.id FROM made"
    "   WHERE r.broadcast_id = $1 AND r.recipient_id = ANY ($7))"
    " SELECT $1::bigint AS broadcast_id, id AS batch_id, lease FROM made",
    .row = &pick_shape);

/* Recipients of an orphan that settle without a sender. */
STMT(claim_settle,
    "WITH gone AS (DELETE FROM delivery_retry WHERE broadcast_id = $1 AND recipient_id = ANY ($3))"
    " INSERT INTO delivery (broadcast_id, recipient_id, channel, state, reason, attempts)"
    " SELECT $1, u.id, $2::channel, u.state::delivery_state, u.reason, u.attempts"
    " FROM unnest($3::bigint[], $4::text[], $5::text[], $6::smallint[])"
    "   AS u(id, state, reason, attempts)"
    " ON CONFLICT DO NOTHING");

/* An orphan without recipients left. */
STMT(claim_drop_orphan, "DELETE FROM batch WHERE id = $1 AND lease = $2");

struct claim {
    struct claimant *claimant;
    enum claim_of of;
    enum channel channel;
    struct batch *batch;
};

static enum rc pick_work(struct scope *s, struct db *db, struct claim *claim, struct pick *ret)
{
    const char *channel = channel_name[claim->channel];
    if (claim->of == CLAIM_DUE)
        return db_one(s, db, &claim_pick_due, PARAMS(P_TEXT(channel)), ret);
    return db_one(s, db, &claim_take_orphan,
        PARAMS(P_TEXT(channel), P_INT(claim->claimant->registration->id)), ret);
}

/* The recipients of a claim: those that settle now, as columns for unnest, and those that a retry
 * is made for. SMS to be sent are among the first, and only they. */
struct sorted {
    int64_t *ids, *attempts, *tried;
    const char **states, **reasons;
    size_t n, n_tried, sends;
};

static struct sorted sort(struct scope *s, const struct list *rows, bool sms)
{
    struct sorted sorted = {
        .ids = SCOPE_ARRAY(s, int64_t, rows->n),
        .attempts = SCOPE_ARRAY(s, int64_t, rows->n),
        .tried = SCOPE_ARRAY(s, int64_t, rows->n),
        .states = SCOPE_ARRAY(s, const char *, rows->n),
        .reasons = SCOPE_ARRAY(s, const char *, rows->n),
    };
    for (size_t i = 0; i < rows->n; i++) {
        const struct audience_row *row = (const struct audience_row *)rows->at + i;
        sorted.sends += !row->settled;
        if (!row->settled && !sms) {
            sorted.tried[sorted.n_tried++] = row->id;
            continue;
        }
        sorted.ids[sorted.n] = row->id;
        sorted.attempts[sorted.n] = row->attempts + !row->settled;
        sorted.states[sorted.n] = row->settled ? row->settled : "unknown";
        sorted.reasons[sorted.n++] = row->settled ? row->reason : "sending";
    }
    return sorted;
}

#define SETTLED \
    P_INT(pick->broadcast_id), P_TEXT(channel_name[claim->channel]), \
        P_INTS(s, sorted->ids, sorted->n), P_TEXT_LIST(s, sorted->states, sorted->n), \
        P_TEXT_LIST(s, sorted->reasons, sorted->n), P_INTS(s, sorted->attempts, sorted->n)

static enum rc move_due(
    struct scope *s, struct claim *claim, struct pick *pick, const struct sorted *sorted)
{
    enum rc rc = db_one(s, claim->claimant->db, &claim_move_due,
        PARAMS(SETTLED, P_INTS(s, sorted->tried, sorted->n_tried),
            P_INT(claim->claimant->registration->id), P_BOOL(sorted->sends)),
        pick);
    return rc == RC_NOT_FOUND && !sorted->sends ? RC_OK : rc;
}

/* An orphan keeps its row while there are recipients left to send to. */
static enum rc settle_orphan(
    struct scope *s, struct claim *claim, const struct pick *pick, const struct sorted *sorted)
{
    struct db *db = claim->claimant->db;
    TRY(db_do(s, db, &claim_settle, PARAMS(SETTLED), NULL));
    if (sorted->sends)
        return RC_OK;
    return db_do(
        s, db, &claim_drop_orphan, PARAMS(P_INT(pick->batch_id), P_INT(pick->lease)), NULL);
}

static enum rc read_and_move(struct scope *s, struct claim *claim, const struct broadcast *b,
    struct pick *pick, struct list *rows, bool *ret_sends)
{
    struct db *db = claim->claimant->db;
    bool sms = claim->channel == CHANNEL_SMS, orphan = claim->of == CLAIM_ORPHAN;
    struct audience_range range = {
        .channel = claim->channel,
        .lo = pick->lo,
        .hi = pick->hi,
        .config = claim->claimant->broadcasts->config,
        .limit = orphan ? INT32_MAX
                 : sms  ? SMS_FULL
                        : FULL,
        .newer_every = pick->newer_every,
        .newer_milestone = pick->newer_milestone,
    };
    if (pick->hi)
        TRY(audience_left(s, db, b, &range, rows));
    else
        TRY(audience_due(s, db, b, &range, pick->batch_id, rows));
    struct sorted sorted = sort(s, rows, sms);
    *ret_sends = sorted.sends;
    return orphan ? settle_orphan(s, claim, pick, &sorted) : move_due(s, claim, pick, &sorted);
}

static void drop_batch(struct claim *claim)
{
    if (claim->batch)
        scope_free(claim->batch->scope);
    claim->batch = NULL;
}

static enum rc claim_txn(struct scope *s, struct db *db, void *arg)
{
    struct claim *claim = arg;
    drop_batch(claim);
    TRY(registration_check(s, db, claim->claimant->registration));
    struct pick pick;
    enum rc rc = pick_work(s, db, claim, &pick);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    TRY(rc);
    struct broadcast *b;
    TRY(broadcast_get(s, db, claim->claimant->broadcasts, pick.broadcast_id, &b));
    struct list rows = {.at = NULL};
    bool sends;
    TRY(read_and_move(s, claim, b, &pick, &rows, &sends));
    crash_point("again");
    if (!sends)
        return RC_OK;
    struct recipients_spec spec = {
        .broadcast = b,
        .channel = claim->channel,
        .batch_id = pick.batch_id,
        .lease = pick.lease,
        .again = claim->of == CLAIM_DUE || !pick.hi,
        .orphan = claim->of == CLAIM_ORPHAN,
    };
    return recipients_batch(s, db, claim->claimant->broadcasts, &spec, &rows, &claim->batch);
}

enum rc claim_batch(struct scope *s, struct claimant *claimant, enum claim_of of,
    enum channel channel, struct batch **ret)
{
    struct claim claim = {.claimant = claimant, .of = of, .channel = channel};
    enum rc rc = db_txn(s, claimant->db, claim_txn, &claim);
    if (rc != RC_OK) {
        drop_batch(&claim);
        return rc;
    }
    if (claim.batch)
        registration_add(claimant->registration, claim.batch);
    *ret = claim.batch;
    return RC_OK;
}
