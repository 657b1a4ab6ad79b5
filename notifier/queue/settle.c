#include "notifier/queue/settle.h"

#include <sodium.h>
#include <stdlib.h>

#include "core/clock.h"
#include "messages/broadcast.h"
#include "notifier/queue/breaker.h"
#include "notifier/queue/retry.h"

struct settle_row {
    int64_t id, lease; /* of a batch that is still ours */
};

static const struct shape settle_shape =
    SHAPE("SettledBatch", struct settle_row, FIELD(INT, id), FIELD(INT, lease));

/*
 * o: one row per outcome. act: 'done' with state, 'retry' at due, or 'suppress' and 'disable',
 * which are done and end more than this message. An SMS has its delivery row already, unknown
 * and sending.
 */
STMT(settle_outcomes,
    "WITH o AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[],"
    "   $5::text[], $6::smallint[], $7::smallint[], $8::text[], $9::text[], $10::bigint[],"
    "   $11::bigint[], $12::boolean[])"
    "   AS t(batch_id, lease, recipient_id, act, state, attempts, code, reason, reference, due_us,"
    "     first_us, possible_duplicate)),"
    " held AS MATERIALIZED (SELECT b.id, b.lease, b.broadcast_id, b.channel, k.kind, k.recipient"
    "   FROM batch b JOIN broadcast c ON c.id = b.broadcast_id"
    "   JOIN broadcast_kind k ON k.kind = c.kind"
    "   WHERE b.id = ANY ($1::bigint[]) FOR UPDATE OF b),"
    " mine AS MATERIALIZED (SELECT o.*, h.broadcast_id, h.channel, h.kind, h.recipient FROM o"
    "   JOIN held h ON h.id = o.batch_id AND h.lease = o.lease),"
    " settled AS (INSERT INTO delivery (broadcast_id, recipient_id, channel, state, attempts, code,"
    "     reason, reference)"
    "   SELECT broadcast_id, recipient_id, channel, state::delivery_state, attempts, code, reason,"
    "     reference FROM mine WHERE act <> 'retry' AND channel <> 'sms' ON CONFLICT DO NOTHING),"
    " texted AS (UPDATE delivery d SET state = m.state::delivery_state, settled_at = now(),"
    "     code = m.code, reason = m.reason, reference = m.reference FROM mine m"
    "   WHERE m.channel = 'sms' AND m.act <> 'retry' AND d.broadcast_id = m.broadcast_id"
    "   AND d.recipient_id = m.recipient_id AND d.state = 'unknown' AND d.reason = 'sending'),"
    " unsent AS (DELETE FROM delivery d USING mine m WHERE m.channel = 'sms' AND m.act = 'retry'"
    "   AND d.broadcast_id = m.broadcast_id AND d.recipient_id = m.recipient_id"
    "   AND d.state = 'unknown' AND d.reason = 'sending'),"
    " tried AS (DELETE FROM delivery_retry r USING mine m WHERE m.act <> 'retry'"
    "   AND r.broadcast_id = m.broadcast_id AND r.recipient_id = m.recipient_id),"
    " waits AS (INSERT INTO delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at,"
    "     first_at, code, reason, possible_duplicate)"
    "   SELECT broadcast_id, recipient_id, channel, attempts,"
    "     CASE WHEN EXISTS (SELECT FROM broadcast_cursor c WHERE c.broadcast_id = mine.broadcast_id"
    "       AND c.channel = mine.channel AND c.trouble IS NOT NULL) THEN 'infinity'"
    "       ELSE timestamptz 'epoch' + due_us * interval '1 microsecond' END,"
    "     timestamptz 'epoch' + first_us * interval '1 microsecond', code, reason,"
    "     possible_duplicate FROM mine WHERE act = 'retry'"
    "   ON CONFLICT (broadcast_id, recipient_id) DO UPDATE SET attempts = excluded.attempts,"
    "     due_at = excluded.due_at, code = excluded.code, reason = excluded.reason,"
    "     possible_duplicate = excluded.possible_duplicate, batch_id = NULL),"
    " blocked AS (INSERT INTO suppression (address_hash, channel, reason, detail,"
    "     broadcast_id)"
    "   SELECT coalesce(s.address_hash, k.address_hash), m.channel, 'refused', m.reason,"
    "     m.broadcast_id"
    "   FROM mine m"
    "   LEFT JOIN subscriber s ON m.recipient = 'subscriber' AND s.id = m.recipient_id"
    "   LEFT JOIN account_contact k ON m.recipient = 'contact' AND k.id = m.recipient_id"
    "   WHERE m.act = 'suppress' AND coalesce(s.address_hash, k.address_hash) IS NOT NULL"
    "   ON CONFLICT DO NOTHING),"
    " ended AS (UPDATE subscriber s SET state = 'suppressed', state_reason = m.reason,"
    "     changed_at = now() FROM mine m WHERE m.act IN ('suppress', 'disable')"
    "   AND m.recipient = 'subscriber' AND s.id = m.recipient_id),"
    " proved AS (UPDATE subscriber s SET state = 'active', state_reason = NULL, changed_at = now()"
    "   FROM mine m WHERE m.channel = 'webhook' AND m.reference = '" OUTCOME_ECHOED "'"
    "   AND m.kind = 'confirmation' AND s.id = m.recipient_id"
    "   AND s.state = 'pending' RETURNING s.id, s.address_hash),"
    " agreed AS (INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    "   SELECT id, address_hash, 'confirmed', 'challenge-1', 'webhook', 'endpoint' FROM proved),"
    " works AS (DELETE FROM endpoint_failure f USING mine m WHERE m.state = 'accepted'"
    "   AND m.channel NOT IN ('email', 'sms') AND f.subscriber_id = m.recipient_id),"
    " fails AS (INSERT INTO endpoint_failure (subscriber_id, since)"
    "   SELECT s.id, now() FROM mine m JOIN subscriber s ON s.id = m.recipient_id"
    "   WHERE m.recipient = 'subscriber' AND m.channel NOT IN ('email', 'sms')"
    "   AND (m.act = 'retry' OR m.reason = 'expired')"
    "   AND m.attempts > 0 ON CONFLICT DO NOTHING),"
    " dead AS (UPDATE subscriber s SET state = 'suppressed', state_reason = 'failing',"
    "     changed_at = now() FROM mine m, endpoint_failure f"
    "   WHERE m.channel NOT IN ('email', 'sms') AND (m.act = 'retry' OR m.reason = 'expired')"
    "   AND f.subscriber_id = m.recipient_id AND f.since < now() - interval '5 days'"
    "   AND s.id = m.recipient_id AND s.state = 'active'),"
    " finished AS (DELETE FROM batch b USING held h WHERE b.id = h.id"
    "   AND (h.id, h.lease) IN (SELECT * FROM unnest($13::bigint[], $14::bigint[])))"
    " SELECT id, lease FROM held",
    .row = &settle_shape);

/* Most cycles settle only mail that was accepted at the first attempt, all with one code ($6). The
 * recipients ($5) are ordered by batch, each batch's from $3 to $4, so that no join is needed.
 * Without ON CONFLICT, whose speculative insertion writes a third more WAL: only a notifier that
 * does not know whether its last cycle was committed can meet its own rows, and it uses the other
 * statement. */
STMT(settle_accepted,
    "WITH held AS MATERIALIZED (SELECT b.id, b.lease, b.broadcast_id, b.channel, t.first, t.last"
    "   FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::int[]) AS t(id, lease, first, last)"
    "   JOIN batch b ON b.id = t.id AND b.lease = t.lease FOR UPDATE OF b),"
    " settled AS (INSERT INTO delivery (broadcast_id, recipient_id, channel, state, code)"
    "   SELECT h.broadcast_id, o.id, h.channel, 'accepted', $6::smallint"
    "   FROM held h, LATERAL unnest(($5::bigint[])[h.first:h.last]) AS o(id)),"
    " finished AS (DELETE FROM batch b USING held h WHERE b.id = h.id"
    "   AND h.id = ANY ($7::bigint[]))"
    " SELECT id, lease FROM held",
    .row = &settle_shape);

/* The columns of $1 to $12. */
struct columns {
    int64_t *batch, *lease, *recipient, *attempts, *code, *due, *first;
    const char **act, **state, **reason, **reference, **duplicate;
    size_t n;
};

static struct columns columns_new(struct scope *s, size_t n)
{
    return (struct columns){
        .batch = SCOPE_ARRAY(s, int64_t, n),
        .lease = SCOPE_ARRAY(s, int64_t, n),
        .recipient = SCOPE_ARRAY(s, int64_t, n),
        .attempts = SCOPE_ARRAY(s, int64_t, n),
        .code = SCOPE_ARRAY(s, int64_t, n),
        .due = SCOPE_ARRAY(s, int64_t, n),
        .first = SCOPE_ARRAY(s, int64_t, n),
        .act = SCOPE_ARRAY(s, const char *, n + 1),
        .state = SCOPE_ARRAY(s, const char *, n + 1),
        .reason = SCOPE_ARRAY(s, const char *, n + 1),
        .reference = SCOPE_ARRAY(s, const char *, n + 1),
        .duplicate = SCOPE_ARRAY(s, const char *, n + 1),
    };
}

static const char *state_word(enum outcome_state state)
{
    return state == OUTCOME_ACCEPTED ? "accepted" : state == OUTCOME_UNKNOWN ? "unknown" : "failed";
}

static const char *act_word(enum outcome_state state)
{
    return state == OUTCOME_SUPPRESS ? "suppress" : state == OUTCOME_DISABLE ? "disable" : "done";
}

static void add(struct columns *c, const struct ended *ended)
{
    const struct recipient *r = ended->recipient;
    const struct outcome *o = &ended->outcome;
    bool returned = o->state == OUTCOME_RETURNED, later = o->state == OUTCOME_LATER;
    int attempts = r->attempts + !(returned || later);
    struct retry retry = {
        .channel = r->batch->channel,
        .attempts = attempts,
        .first_at = r->first_at ? r->first_at : ended->at,
        .now = ended->at,
        .retry_after = o->retry_after,
        .chance = o->state == OUTCOME_RETRY ? randombytes_uniform(RETRY_CHANCE) : 0,
    };
    int64_t due = ended->at + (later ? o->retry_after : 0);
    /* Refused as those were for which the channel is held (relay_hold). */
    bool held = r->batch->held && breaker_is_refusal(o);
    bool again = returned || held || (o->state == OUTCOME_RETRY && retry_next(&retry, &due)) ||
                 (later && !retry_is_late(retry.channel, retry.first_at, due));
    bool expired = !again && (later || o->state == OUTCOME_RETRY);
    bool duplicate = r->possible_duplicate || o->possible_duplicate;
    size_t i = c->n++;
    c->batch[i] = r->batch->id;
    c->lease[i] = r->batch->lease;
    c->recipient[i] = r->id;
    c->attempts[i] = attempts;
    c->code[i] = o->code ? o->code : SHAPE_NONE;
    c->due[i] = due;
    c->first[i] = retry.first_at;
    c->act[i] = again ? "retry" : act_word(o->state);
    c->state[i] = state_word(o->state);
    c->reason[i] = expired ? "expired" : o->reason;
    c->reference[i] = *o->reference ? o->reference : NULL;
    c->duplicate[i] = duplicate ? "t" : "f";
}

/* A returned recipient stays in its range for the notifier that takes the batch over; nothing is
 * written. An SMS was recorded as being sent, so its row has to be deleted. */
static bool is_written(const struct ended *ended)
{
    return ended->outcome.state != OUTCOME_RETURNED ||
           ended->recipient->batch->channel == CHANNEL_SMS;
}

struct progress {
    struct batch *batch;
    size_t n;      /* outcomes of it in this cycle */
    bool returned; /* some recipients were not attempted: the batch row stays */
};

/* One entry per batch; there are few. */
static size_t count_batches(const struct ended *ended, size_t n, struct progress *progress)
{
    size_t batches = 0;
    for (size_t i = 0; i < n; i++) {
        struct batch *batch = ended[i].recipient->batch;
        size_t j = 0;
        while (j < batches && progress[j].batch != batch)
            j++;
        if (j == batches)
            progress[batches++] = (struct progress){.batch = batch};
        progress[j].n++;
        progress[j].returned = progress[j].returned || !is_written(&ended[i]);
    }
    return batches;
}

static bool is_finished(const struct progress *progress)
{
    return progress->batch->settled + progress->n == progress->batch->n;
}

static bool mark_lost(const struct list *ours, const struct progress *progress, size_t batches)
{
    const struct settle_row *at = ours->at;
    bool any = false;
    for (size_t i = 0; i < batches; i++) {
        bool held = false;
        for (size_t j = 0; j < ours->n; j++)
            held = held ||
                   (at[j].id == progress[i].batch->id && at[j].lease == progress[i].batch->lease);
        if (!held)
            atomic_store(&progress[i].batch->lost, true);
        any = any || !held;
    }
    return any;
}

/* Batches whose last outcome this cycle settles. */
struct done {
    int64_t *ids, *leases;
    size_t n;
};

/* Is settle_accepted enough? */
static bool is_plain(const struct ended *ended, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct recipient *r = ended[i].recipient;
        const struct outcome *o = &ended[i].outcome;
        if (o->state != OUTCOME_ACCEPTED || r->attempts || r->first_at || *o->reference ||
            o->reason || r->batch->channel != CHANNEL_EMAIL || r->batch->detached ||
            o->code != ended->outcome.code)
            return false;
    }
    return true;
}

static int add_accepted(struct scope *s, struct db_pipe *pipe, const struct ended *ended, size_t n,
    const struct settlement *what, const struct done *done)
{
    int64_t *ids = SCOPE_ARRAY(s, int64_t, what->batches);
    int64_t *leases = SCOPE_ARRAY(s, int64_t, what->batches);
    int64_t *first = SCOPE_ARRAY(s, int64_t, what->batches);
    int64_t *last = SCOPE_ARRAY(s, int64_t, what->batches);
    int64_t *recipients = SCOPE_ARRAY(s, int64_t, n);
    size_t at = 0;
    for (size_t b = 0; b < what->batches; b++) {
        const struct batch *batch = what->progress[b].batch;
        ids[b] = batch->id;
        leases[b] = batch->lease;
        first[b] = (int64_t)at + 1;
        for (size_t i = 0; i < n; i++)
            if (ended[i].recipient->batch == batch)
                recipients[at++] = ended[i].recipient->id;
        last[b] = (int64_t)at;
    }
    return db_pipe_add(s, pipe, &settle_accepted,
        PARAMS(P_INTS(s, ids, what->batches), P_INTS(s, leases, what->batches),
            P_INTS(s, first, what->batches), P_INTS(s, last, what->batches),
            P_INTS(s, recipients, n), P_INT(ended->outcome.code), P_INTS(s, done->ids, done->n)));
}

static int add_outcomes(struct scope *s, struct db_pipe *pipe, const struct ended *ended, size_t n,
    const struct done *done)
{
    struct columns c = columns_new(s, n);
    for (size_t i = 0; i < n; i++)
        if (is_written(&ended[i]))
            add(&c, &ended[i]);
    if (!c.n)
        return -1;
#define TEXTS(list) P_TEXT_LIST(s, (list), c.n)
    return db_pipe_add(s, pipe, &settle_outcomes,
        PARAMS(P_INTS(s, c.batch, c.n), P_INTS(s, c.lease, c.n), P_INTS(s, c.recipient, c.n),
            TEXTS(c.act), TEXTS(c.state), P_INTS(s, c.attempts, c.n), P_INTS(s, c.code, c.n),
            TEXTS(c.reason), TEXTS(c.reference), P_INTS(s, c.due, c.n), P_INTS(s, c.first, c.n),
            TEXTS(c.duplicate), P_INTS(s, done->ids, done->n), P_INTS(s, done->leases, done->n)));
#undef TEXTS
}

/* Count the outcomes of each batch; the last one frees it. */
static bool forget(
    struct registration *registration, const struct progress *progress, size_t batches)
{
    bool any = false;
    for (size_t i = 0; i < batches; i++) {
        struct batch *batch = progress[i].batch;
        batch->settled += progress[i].n;
        if (batch->settled < batch->n)
            continue;
        any = true;
        registration_remove(registration, batch);
        batch->broadcast->used_at = clock_monotonic();
        scope_free(batch->scope);
    }
    return any;
}

void settle_add(struct scope *s, struct db_pipe *pipe, const struct ended *ended, size_t n,
    bool again, struct settlement *ret)
{
    struct progress *progress = SCOPE_ARRAY(s, struct progress, n);
    size_t batches = count_batches(ended, n, progress);
    struct done done = {
        .ids = SCOPE_ARRAY(s, int64_t, batches), .leases = SCOPE_ARRAY(s, int64_t, batches)};
    for (size_t i = 0; i < batches; i++) {
        progress[i].batch->returned = progress[i].batch->returned || progress[i].returned;
        if (!is_finished(&progress[i]) || progress[i].batch->returned)
            continue;
        done.ids[done.n] = progress[i].batch->id;
        done.leases[done.n++] = progress[i].batch->lease;
    }
    *ret = (struct settlement){
        .progress = progress, .batches = batches, .ended = ended, .n = n, .at = -1};
    if (n && !again && is_plain(ended, n))
        ret->at = add_accepted(s, pipe, ended, n, ret, &done);
    else if (n)
        ret->at = add_outcomes(s, pipe, ended, n, &done);
}

enum rc settle_apply(struct scope *s, const struct db_pipe *pipe, struct registration *registration,
    const struct settlement *settlement, struct settled *ret)
{
    *ret = (struct settled){0};
    if (settlement->at >= 0) {
        struct list ours;
        TRY(db_pipe_rows(s, pipe, settlement->at, &ours));
        ret->lost = mark_lost(&ours, settlement->progress, settlement->batches);
    }
    for (size_t i = 0; i < settlement->n; i++)
        settlement->ended[i].recipient->settled = true;
    ret->finished = forget(registration, settlement->progress, settlement->batches);
    return RC_OK;
}
