/* POST /v1/suppressions/undo: take back many at once, after a relay or a filter refused everybody.
 */
#include "api/call/audit_log.h"
#include "api/subscribers/subscribers.h"
#include "core/json.h"

struct suppressions_undo {
    int64_t broadcast;
    const char *reason;
    int64_t since, until;
    const char *note;
};
const struct shape suppressions_undo_shape = SHAPE("SuppressionsUndo", struct suppressions_undo,
    FIELD(INT, broadcast, .min = 1, .max = INT64_MAX,
        .doc = "Only those that this broadcast's refusals and bounces made."),
    FIELD(TEXT, reason, .max = 100,
        .doc = "Only this reason; without it bounce and refused. Complaints and STOP are undone "
               "only when named, erased addresses never."),
    FIELD(TIME, since, .doc = "Only those made at or after this instant."),
    FIELD(TIME, until, .doc = "Only those made before this instant."),
    FIELD(TEXT, note, .required = true, .min = 1, .max = 2000,
        .doc = "Why they may be written to again."));

struct suppressions_undone {
    int64_t undone;
};
const struct shape suppressions_undone_shape =
    SHAPE("SuppressionsUndone", struct suppressions_undone,
        FIELD(INT, undone, .required = true, .doc = "Addresses taken off the list."));

STMT(suppressions_undo, "SELECT amends.suppression_undo($1, $2, $3, $4) AS undone",
    .row = &suppressions_undone_shape);

struct undoing {
    const struct call *c;
    struct suppressions_undone undone;
};

static enum rc undo(struct scope *s, struct db *db, void *arg)
{
    struct undoing *undoing = arg;
    const struct suppressions_undo *in = undoing->c->body;
    TRY(db_one(s, db, &suppressions_undo,
        PARAMS(P_INT(in->broadcast), P_TEXT(in->reason), P_TIME(in->since), P_TIME(in->until)),
        &undoing->undone));
    json_t *detail = json_own(
        s, json_pack("{s:s, s:I}", "note", in->note, "undone", (json_int_t)undoing->undone.undone));
    if (in->broadcast != SHAPE_NONE)
        json_object_set_new(detail, "broadcast", json_integer(in->broadcast));
    if (in->reason)
        json_object_set_new(detail, "reason", json_string(in->reason));
    return audit_add(
        s, db, call_actor(undoing->c), "suppression.undo", "suppressions", json_text(s, detail));
}

enum rc suppressions_undo_post(struct call *c)
{
    const struct suppressions_undo *in = c->body;
    struct undoing undoing = {.c = c};
    if (in->broadcast == SHAPE_NONE && !in->reason && in->since == SHAPE_NONE &&
        in->until == SHAPE_NONE)
        return fail(c->s, RC_INVALID, "name a broadcast, a reason or a time range");
    TRY(db_txn(c->s, c->db, undo, &undoing));
    return reply_object(c, &undoing.undone);
}
