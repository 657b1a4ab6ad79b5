/* POST /v1/credits/acks and POST /v1/credits/{id}/reversal. */
#include <string.h>

#include "api/credits/credit.h"
#include "api/credits/credits.h"
#include "core/db/locks.h"
#include "core/ledger/chain.h"

enum { ACKS_MAX = 10000 };

static const char *const ack_states_named[] = {"acknowledged", "applied", NULL};
SHAPE_STATIC(struct ack, ack_shape, "Ack",
    FIELD(INT, credit, .required = true, .min = 1, .max = INT64_MAX, .doc = "Id of the credit."),
    FIELD(TEXT, reference, .required = true, .min = 1, .max = 200, .doc = "Your own."),
    FIELD(TEXT, state, .one_of = ack_states_named, .def = "acknowledged",
        .doc = "acknowledged: booked; applied: on the customer's account."));

SHAPE_EXTERN(struct acks, acks_shape, "Acks",
    FIELD(LIST, acks, .required = true, .of = &ack_shape, .min = 1, .max = ACKS_MAX,
        .doc = "The acknowledgements."));

SHAPE_EXTERN(struct acked, acked_shape, "Acked",
    FIELD(INT, acknowledged, .required = true,
        .doc = "Number of new or newly applied acknowledgements."),
    FIELD(INT, repeated, .required = true, .doc = "Number repeated with the same reference."));

SHAPE_STATIC(struct ack_state, ack_state_shape, "AckState", FIELD(INT, n), FIELD(TEXT, state),
    FIELD(TEXT, reference));

STMT(ack_lock, "SELECT id FROM credit WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE",
    .row = &row_int);
STMT(ack_states,
    "SELECT u.n, c.state, k.reference FROM unnest($1::bigint[]) WITH ORDINALITY u(id, n)"
    "  LEFT JOIN credit c ON c.id = u.id AND c.state NOT IN ('draft', 'void')"
    "  LEFT JOIN credit_ack k ON k.credit_id = c.id ORDER BY u.n",
    .row = &ack_state_shape);
/* The credits acknowledged for the first time, and those applied for the first time. */
SHAPE_STATIC(struct ack_written, ack_written_shape, "AckWritten", FIELD(INT, credit),
    FIELD(BOOL, acked), FIELD(BOOL, applied), FIELD(BOOL, moved));
STMT(ack_insert,
    "WITH said AS (SELECT id, reference, bool_or(state = 'applied') AS applied"
    "    FROM unnest($1::bigint[], $2::text[], $4::text[]) u(id, reference, state) GROUP BY 1, 2),"
    " new AS (INSERT INTO credit_ack AS k (credit_id, reference, acked_by, applied_at)"
    "    SELECT id, reference, $3::bigint, CASE WHEN applied THEN now() END FROM said"
    "    ON CONFLICT (credit_id) DO UPDATE SET applied_at = excluded.applied_at"
    "      WHERE k.applied_at IS NULL AND excluded.applied_at IS NOT NULL"
    "    RETURNING credit_id, applied_at),"
    " moved AS (UPDATE credit SET state = CASE WHEN new.applied_at IS NULL THEN 'acknowledged'"
    "    ELSE 'applied' END FROM new"
    "  WHERE id = new.credit_id AND state IN ('issued', 'acknowledged') RETURNING id)"
    " SELECT credit_id AS credit, credit_id = ANY($5::bigint[]) AS acked,"
    "    applied_at IS NOT NULL AS applied, credit_id IN (SELECT id FROM moved) AS moved"
    "  FROM new ORDER BY 1",
    .row = &ack_written_shape);

struct writing {
    struct call *c;
    struct acked reply;
};

static enum rc check(struct scope *s, const struct acks *in, const struct list *states)
{
    const struct ack *acks = in->acks.at;
    for (size_t i = 0; i < states->n; i++) {
        const struct ack_state *at = (const struct ack_state *)states->at + i;
        const char *path = scope_printf(s, "acks[%zu].credit", i);
        if (!at->state)
            return fail_field(
                s, RC_NOT_FOUND, path, "no issued credit %lld", (long long)acks[i].credit);
        if (!at->reference && !strcmp(at->state, "reversed"))
            return fail_field(s, RC_CONFLICT, path, "the credit was reversed");
        if (at->reference && strcmp(at->reference, acks[i].reference) != 0)
            return fail_field(
                s, RC_CONFLICT, path, "was already acknowledged with another reference");
        for (size_t k = 0; k < i; k++)
            if (acks[k].credit == acks[i].credit &&
                strcmp(acks[k].reference, acks[i].reference) != 0)
                return fail_field(s, RC_INVALID, path, "is listed with two references");
    }
    return RC_OK;
}

/* The credits that have no acknowledgement yet. */
static struct param new_ones(struct scope *s, const struct acks *in, const struct list *states)
{
    const struct ack *acks = in->acks.at;
    int64_t *ids = SCOPE_ARRAY(s, int64_t, in->acks.n);
    size_t n = 0;
    for (size_t i = 0; i < in->acks.n; i++)
        if (!((const struct ack_state *)states->at)[i].reference)
            ids[n++] = acks[i].credit;
    return P_INTS(s, ids, n);
}

/* An entry of the ledger's chain for the rows that are applied, or else acked. */
static enum rc pin(struct scope *s, struct db *db, struct call *c, const struct list *rows,
    const char *kind, bool applied)
{
    int64_t *ids = SCOPE_ARRAY(s, int64_t, rows->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < rows->n; i++) {
        const struct ack_written *row = (const struct ack_written *)rows->at + i;
        if (applied ? row->applied : row->acked)
            ids[n++] = row->credit;
    }
    struct ledger_event event = {
        .kind = kind, .object = SHAPE_NONE, .ids = ids, .n = n, .actor = call_actor(c)};
    return n ? ledger_add(s, db, c->api->keys, &event) : RC_OK;
}

static enum rc acknowledge(struct scope *s, struct db *db, void *arg)
{
    struct writing *writing = arg;
    const struct acks *in = writing->c->body;
    const struct ack *acks = in->acks.at;
    size_t n = in->acks.n;
    int64_t *ids = SCOPE_ARRAY(s, int64_t, n);
    const char **references = SCOPE_ARRAY(s, const char *, n);
    const char **words = SCOPE_ARRAY(s, const char *, n);
    for (size_t i = 0; i < n; i++) {
        ids[i] = acks[i].credit;
        references[i] = acks[i].reference;
        words[i] = acks[i].state;
    }
    struct param credits = P_INTS(s, ids, n);
    struct list states;
    TRY(db_do(s, db, &ack_lock, PARAMS(credits), NULL));
    TRY(db_all(s, db, &ack_states, PARAMS(credits), &states));
    TRY(check(s, in, &states));
    struct list rows;
    TRY(db_all(s, db, &ack_insert,
        PARAMS(credits, P_TEXTS(s, (&(struct texts){.at = references, .n = n})),
            P_INT(writing->c->key->id), P_TEXTS(s, (&(struct texts){.at = words, .n = n})),
            new_ones(s, in, &states)),
        &rows));
    int64_t written = 0;
    for (size_t i = 0; i < rows.n; i++)
        written += ((const struct ack_written *)rows.at)[i].moved;
    writing->reply = (struct acked){.acknowledged = written, .repeated = (int64_t)n - written};
    TRY(pin(s, db, writing->c, &rows, "ack", false));
    return pin(s, db, writing->c, &rows, "applied", true);
}

enum rc credit_ack(struct call *c)
{
    struct writing writing = {.c = c};
    TRY(db_txn(c->s, c->db, acknowledge, &writing));
    return reply_object(c, &writing.reply);
}

SHAPE_EXTERN(struct reversal, reversal_shape, "Reversal",
    FIELD(TEXT, reason, .required = true, .min = 1, .max = 500, .doc = "Reason, for the record."));

STMT(credit_reverse_one, "SELECT amends.credit_reverse($1, $2, $3) AS word", .row = &row_text);

/* A draft holds the ledger's lock, for minutes if there are many accounts. */
static enum rc reverse(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    const struct reversal *in = c->body;
    int64_t id;
    const char *outcome;
    TRY(call_id(c, 0, &id));
    TRY(db_lock(s, db, LOCK_LEDGER, LOCK_EXCLUSIVE));
    TRY(db_one(s, db, &credit_reverse_one,
        PARAMS(P_INT(id), P_TEXT(call_actor(c)), P_TEXT(in->reason)), &outcome));
    if (!strcmp(outcome, "missing"))
        return fail(s, RC_NOT_FOUND, "no credit %lld", (long long)id);
    if (strcmp(outcome, "reversed") != 0)
        return fail(s, RC_CONFLICT, "the credit is %s", outcome);
    return ledger_add(s, db, c->api->keys,
        &(struct ledger_event){.kind = "reverse", .object = id, .actor = call_actor(c)});
}

enum rc credit_reverse(struct call *c)
{
    TRY(db_txn(c->s, c->db, reverse, c));
    return credit_get(c);
}
