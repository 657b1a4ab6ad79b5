#include "notifier/queue/range_claim.h"

#include <string.h>

#include "messages/audience_sql.h"
#include "notifier/queue/audience.h"

/* The first batch of a broadcast is small, so that its first message leaves at once. SMS are
 * recorded before they are sent, so a crash makes a whole batch of them unknown. */
enum { FIRST = 50, FULL = 500, SMS_FULL = 20, SWEEP = 5000, SCAN_MAX = 20000 };

static const struct shape pick_shape = SHAPE("RangePick", struct range_pick,
    FIELD(INT, broadcast_id), FIELD(TEXT, channel), FIELD(INT, lo), FIELD(INT, hi),
    FIELD(BOOL, newer_every), FIELD(BOOL, newer_milestone), FIELD(INT, room));

/*
 * No recipient gets an older update after a newer one: a cursor stops in front of a range that an
 * older update of the incident still has in flight. Of a detached range (detach_slow.h) and of
 * retries, only the recipients themselves are held back (AUDIENCE_HELD). An SMS in flight has no
 * row that says so, so a group of them stops the cursor. (Ranges that the older update has not
 * claimed are superseded: broadcast_release changed its cursor before this update was visible.)
 * Nothing is locked: the claim sees the changes of other processes. The stop only ever rises, so
 * an old one is good enough.
 */
STMT(range_pick,
    "SELECT p.* FROM unnest($1::text[]) w, LATERAL ("
    " SELECT c.broadcast_id, w AS channel, c.pos AS lo, least(b.upper_id, f.stop) AS hi,"
    "   c.newer_every, c.newer_milestone, t.room"
    " FROM broadcast_cursor c JOIN broadcast b ON b.id = c.broadcast_id,"
    " LATERAL (SELECT ceil(extract(epoch FROM now() - b.not_before) * b.per_minute / 60)::bigint"
    "   - c.claimed AS room) t,"
    " LATERAL (SELECT min(t.lo) AS stop"
    "   FROM broadcast o JOIN batch t ON t.broadcast_id = o.id AND t.channel = c.channel"
    "   WHERE (t.hi > 0 OR t.channel = 'sms') AND b.kind = 'update' AND o.kind IN ('update', "
    "'reminder') AND o.incident_id = "
    "b.incident_id"
    "   AND o.id < b.id) f"
    " WHERE b.state = 'sending' AND NOT c.exhausted AND c.channel = w::channel"
    " AND (t.room > 0 OR b.per_minute IS NULL)"
    " AND (c.pos < least(b.upper_id, f.stop) OR c.pos >= b.upper_id)"
    " ORDER BY b.priority, c.newer_every, b.id LIMIT 1) p",
    .row = &pick_shape);

/* A separate statement, so that the claim sees the changes of a process that held the lock. In a
 * transaction always in the order of channels, as broadcast_release locks. */
STMT(range_claim_lock,
    "SELECT 1 FROM broadcast_cursor WHERE broadcast_id = $1 AND channel = $2::channel FOR UPDATE");

#define LO "(SELECT pos FROM cur)"
#define LAST "(SELECT hi FROM cur)"
#define HI "(SELECT hi FROM win)"
#define EVERY "(SELECT newer_every FROM cur)"
#define MILESTONE "(SELECT newer_milestone FROM cur)"

/* The range: from the cursor's position to the $6th row behind it. */
#define HEAD(order, rows) \
    "WITH cur AS MATERIALIZED (SELECT c.pos, least(b.upper_id, $4) AS hi, b.upper_id," \
    "   c.newer_every, c.newer_milestone" \
    "   FROM broadcast_cursor c JOIN broadcast b ON b.id = c.broadcast_id" \
    "   WHERE c.broadcast_id = $1 AND c.channel = $2::channel AND b.state = 'sending'" \
    "   AND NOT c.exhausted AND (c.pos < $4 OR c.pos >= b.upper_id))," \
    " win AS MATERIALIZED (SELECT coalesce((SELECT s.id FROM (SELECT *" rows ") s" \
    "   ORDER BY " order " OFFSET $6 - 1 LIMIT 1), " LAST ") AS hi)," \
    " a AS MATERIALIZED (SELECT s.id, "

/* An SMS about to be sent is recorded as unknown. The result is one row with batch 0 if there is
 * no recipient to send to, and no row if there is nothing to claim. */
#define TAIL(order) \
    " ORDER BY " order " LIMIT $5)," \
    " reach AS MATERIALIZED (SELECT count(*) AS n, bool_or(settled IS NULL) AS sends," \
    "   count(settled) > 0 AS others," \
    "   CASE WHEN count(*) = $5 THEN max(id) ELSE " HI " END AS hi FROM a)," \
    " moved AS (UPDATE broadcast_cursor c SET pos = greatest(c.pos, r.hi)," \
    "   exhausted = greatest(c.pos, r.hi) >= cur.upper_id, claimed = c.claimed + r.n" \
    "   FROM cur, reach r WHERE c.broadcast_id = $1 AND c.channel = $2::channel RETURNING 1)," \
    " settled AS (INSERT INTO delivery (broadcast_id, recipient_id, channel, state, reason," \
    "     attempts)" \
    "   SELECT $1, id, $2::channel, coalesce(settled, 'unknown')::delivery_state," \
    "     CASE WHEN settled IS NULL THEN 'sending' END, CASE WHEN settled IS NULL THEN 1 ELSE 0 " \
    "END" \
    "   FROM a WHERE ((SELECT others FROM reach) OR $2::channel = 'sms')" \
    "   AND (settled IS NOT NULL OR $2::channel = 'sms') AND settled IS DISTINCT FROM 'held'" \
    "   ON CONFLICT DO NOTHING)," \
    " held AS (INSERT INTO delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at," \
    "     first_at, reason)" \
    "   SELECT $1, id, $2::channel, 0, now(), now(), 'older_in_flight' FROM a" \
    "   WHERE (SELECT others FROM reach) AND settled = 'held'" \
    "   ON CONFLICT DO NOTHING)," \
    " made AS (INSERT INTO batch (broadcast_id, channel, lo, hi, lease, owner, leased_until)" \
    "   SELECT $1, $2::channel, cur.pos, r.hi, nextval('batch_lease'), $3," \
    "     now() + interval '1 minute' FROM cur, reach r WHERE r.sends RETURNING id, lease)" \
    " SELECT coalesce(made.id, 0) AS batch_id, coalesce(made.lease, 0) AS lease, a.*" \
    " FROM moved LEFT JOIN made ON true LEFT JOIN a ON a.settled IS NULL"

#define OF_CHANNEL HEAD(AUDIENCE_BY_CHANNEL, AUDIENCE_ROWS(LO, LAST)) AUDIENCE_SUBSCRIBER_COLUMNS

STMT(range_claim_update,
    OF_CHANNEL AUDIENCE_UPDATE_SETTLED(EVERY, MILESTONE, AUDIENCE_HELD(AUDIENCE_INCIDENTS))
        AUDIENCE_SUBSCRIBERS(LO, HI) AUDIENCE_UPDATE_WHERE(LO, HI) TAIL(AUDIENCE_BY_CHANNEL),
    .row = &audience_shape);

STMT(range_claim_notice,
    OF_CHANNEL AUDIENCE_SUPPRESSED AUDIENCE_SUBSCRIBERS(LO, HI)
        AUDIENCE_NO_BILLING TAIL(AUDIENCE_BY_CHANNEL),
    .row = &audience_shape);

STMT(range_claim_confirmation,
    HEAD("s.id", AUDIENCE_ONE(LO, LAST)) AUDIENCE_SUBSCRIBER_COLUMNS AUDIENCE_SUPPRESSED
    " FROM (SELECT *" AUDIENCE_ONE(LO, HI) ") s" TAIL("s.id"),
    .row = &audience_shape);

STMT(range_claim_credits,
    HEAD("s.id", AUDIENCE_CONTACT_ROWS(LO, LAST))
        AUDIENCE_CONTACT_COLUMNS AUDIENCE_SUPPRESSED AUDIENCE_CONTACTS(LO, HI) TAIL("s.id"),
    .row = &audience_shape);

STMT(range_claim_digest,
    OF_CHANNEL " g.selection," AUDIENCE_SUPPRESSED AUDIENCE_DIGEST(LO, HI)
        TAIL(AUDIENCE_BY_CHANNEL),
    .row = &audience_shape);

int range_claim_look(struct scope *s, struct db_pipe *pipe, const bool wanted[CHANNEL_COUNT])
{
    const char *names[CHANNEL_COUNT];
    struct texts texts = {.at = names};
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        if (wanted[c])
            names[texts.n++] = channel_name[c];
    return db_pipe_add(s, pipe, &range_pick, PARAMS(P_TEXTS(s, &texts)));
}

enum rc range_claim_found(struct scope *s, const struct db_pipe *pipe, int at,
    const bool wanted[CHANNEL_COUNT], struct range_pick picks[CHANNEL_COUNT])
{
    struct list rows;
    TRY(db_pipe_rows(s, pipe, at, &rows));
    const struct range_pick *found = rows.at;
    for (enum channel c = 0; c < CHANNEL_COUNT; c++) {
        if (!wanted[c])
            continue;
        picks[c] = (struct range_pick){0};
        for (size_t i = 0; i < rows.n; i++)
            if (!strcmp(found[i].channel, channel_name[c]))
                picks[c] = found[i];
        picks[c].channel = channel_name[c];
    }
    return RC_OK;
}

/* Where every recipient is superseded, none is sent to, and many settle at once. */
static int64_t limit_of(
    const struct range_pick *pick, enum channel channel, const struct broadcast *b)
{
    if (pick->newer_every && (pick->newer_milestone || !b->milestone))
        return SWEEP;
    int64_t most = channel == CHANNEL_SMS ? SMS_FULL : pick->lo ? FULL : FIRST;
    return pick->room != SHAPE_NONE && pick->room < most ? pick->room : most;
}

/* Where few rows are recipients the next claim looks further, so that it finds about as many as
 * the limit; a claim that reaches the limit leaves the rest of its range unread. */
void range_claim_done(struct range_pace *pace, size_t found)
{
    int64_t n = (int64_t)found;
    if (n == pace->limit)
        pace->scan /= 2;
    else if (n < pace->limit / 4)
        pace->scan *= 4;
    else
        pace->scan = pace->scan * pace->limit / n;
    pace->scan = pace->scan < SCAN_MAX ? pace->scan : SCAN_MAX;
}

static int64_t scan_of(struct range_pace *pace, const struct broadcast *b, int64_t limit)
{
    if (pace->broadcast_id != b->id)
        *pace = (struct range_pace){.broadcast_id = b->id, .scan = FULL};
    pace->limit = limit;
    if (pace->scan < limit)
        pace->scan = limit;
    return pace->scan;
}

int range_claim_add(struct scope *s, struct db_pipe *pipe, const struct range_pick *pick,
    struct range_pace *pace, enum channel channel, const struct broadcast *b, int64_t owner)
{
    int64_t limit = limit_of(pick, channel, b), scan = scan_of(pace, b, limit);
#define CLAIM \
    P_INT(b->id), P_TEXT(channel_name[channel]), P_INT(owner), P_INT(pick->hi), P_INT(limit), \
        P_INT(scan)
    db_pipe_add(s, pipe, &range_claim_lock, PARAMS(P_INT(b->id), P_TEXT(channel_name[channel])));
    if (broadcast_is_of_incident(b))
        return db_pipe_add(s, pipe, &range_claim_update,
            PARAMS(CLAIM, P_BOOL(b->milestone), P_TEXT(b->incidents)));
    if (b->kind == KIND_CREDIT_NOTICE)
        return db_pipe_add(s, pipe, &range_claim_credits, PARAMS(CLAIM, P_INT(b->credit_run_id)));
    if (b->kind == KIND_DIGEST)
        return db_pipe_add(s, pipe, &range_claim_digest,
            PARAMS(CLAIM, P_TEXT(b->digest_zone), P_TEXT(b->digest_day)));
    const struct stmt *stmt = kinds[b->kind].audience == AUDIENCE_SUBSCRIBER
                                  ? &range_claim_confirmation
                                  : &range_claim_notice;
    return db_pipe_add(s, pipe, stmt, PARAMS(CLAIM));
#undef CLAIM
}
