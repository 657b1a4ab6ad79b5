#include "notifier/queue/range_claim.h"

#include <string.h>

#include "notifier/queue/recipients.h"

/* The first batch of a broadcast is small, so that its first message leaves at once. SMS are
 * recorded before they are sent, so a crash makes a whole batch of them unknown. */
enum { FIRST = 50, FULL = 500, SMS_FULL = 20, SWEEP = 5000, SCAN_MAX = 20000 };

static const struct shape pick_shape = SHAPE("RangePick", struct range_pick,
    FIELD(INT, broadcast_id), FIELD(TEXT, channel), FIELD(INT, lo), FIELD(INT, hi),
    FIELD(BOOL, newer_every), FIELD(BOOL, newer_milestone), FIELD(INT, room));

/*
 * No recipient gets an older update after a newer one: a cursor stops in front of a range that an
 * older update of the incident still has in flight. Of a detached range (detach_slow.h) and of
 * retries, only the recipients themselves are held back
 * (amends.older_in_flight). An SMS in flight has no
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
    "   WHERE (t.hi > 0 OR t.channel = 'sms') AND b.kind = 'update'"
    "   AND o.incident_id = b.incident_id AND o.id < b.id) f"
    " WHERE b.state = 'sending' AND NOT c.exhausted AND c.trouble IS NULL"
    " AND c.channel = w::channel"
    " AND (t.room > 0 OR b.per_minute IS NULL)"
    " AND (c.pos < least(b.upper_id, f.stop) OR c.pos >= b.upper_id)"
    " ORDER BY b.priority, c.newer_every, b.id LIMIT 1) p",
    .row = &pick_shape);

STMT(range_claim, "SELECT * FROM amends.claim_range($1, $2::channel, $3, $4, $5, $6)",
    .row = &claimed_shape);

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
    return db_pipe_add(s, pipe, &range_claim,
        PARAMS(P_INT(b->id), P_TEXT(channel_name[channel]), P_INT(owner), P_INT(pick->hi),
            P_INT(limit), P_INT(scan)));
}
