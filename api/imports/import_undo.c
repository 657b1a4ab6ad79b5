/* POST /v1/imports/{id}/undo, /v1/imports/{id}/cancel. */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "api/call/audit_log.h"
#include "api/http/workers.h"
#include "api/imports/import_record.h"
#include "api/imports/imports.h"
#include "core/db/locks.h"
#include "core/log.h"

/* AT_ONCE_MOST: subscribers that a worker undoes itself, in a second or two; a lock times out after
 * that. */
enum { STEP = 10000, AT_ONCE_MOST = 50000, HOLD_TRIES = 20, HOLD_PAUSE_MS = 25 };

SHAPE_EXTERN(struct undo_options, undo_options_shape, "UndoOptions",
    FIELD(BOOL, wait, .def = "true",
        .doc =
            "Reply when it is undone, if it wrote at most 50,000 subscribers. Otherwise, and with "
            "false: queue it and reply 202."));

SHAPE_STATIC(struct step, step_shape, "ImportUndoStep", FIELD(INT, last), FIELD(INT, rows),
    FIELD(INT, removed), FIELD(INT, restored));

/* The session that holds the lock undoes this import, and no other does. */
STMT(import_undo_lock, "SELECT pg_try_advisory_lock($1, $2::integer)", .row = &row_bool);
STMT(import_undo_begin,
    "UPDATE subscriber_import SET state = 'undoing', cancelled_by = NULL, undone_rows = 0"
    " WHERE id = $1 AND state IN ('done', 'undoing') AND NOT dry_run"
    "   AND applied_at > now() - interval '30 days'");
/* No row: it was cancelled. */
STMT(import_undo_progress, "UPDATE subscriber_import SET undone_rows = $2, backend = $3"
                           " WHERE id = $1 AND cancelled_by IS NULL");
STMT(import_undo_failed,
    "UPDATE subscriber_import SET state = 'done', backend = NULL WHERE id = $1");
STMT(import_undo_session, "SELECT pg_backend_pid()::bigint", .row = &row_int);
STMT(import_undo_step,
    "SELECT out_last AS last, out_rows AS rows, out_removed AS removed, out_restored AS restored"
    " FROM amends.import_undo_next($1, $2, $3, $4::integer)",
    .row = &step_shape);
STMT(import_undo_close, "SELECT amends.import_undo_end($1, $2, $3, $4)");
STMT(import_cancel_one, "SELECT amends.import_cancel($1, $2)", .row = &row_bool);

struct undo {
    struct work work;
    struct scope *s;
    int64_t id;
    const char *actor;
    bool detached;
    struct db *side; /* reports, and holds the lock that shows that the undo is alive */
};

static enum rc hold(struct scope *s, struct undo *undo)
{
    bool held = false;
    int64_t n = 0;
    /* An import that is done holds its lock until its connection has ended. */
    for (int tries = 0; !held && tries < HOLD_TRIES; tries++) {
        if (tries)
            nanosleep(&(struct timespec){.tv_nsec = HOLD_PAUSE_MS * 1000000L}, NULL);
        TRY(db_one(
            s, undo->side, &import_undo_lock, PARAMS(P_INT(LOCK_IMPORT), P_INT(undo->id)), &held));
    }
    if (held)
        TRY(db_do(s, undo->side, &import_undo_begin, PARAMS(P_INT(undo->id)), &n));
    if (!n)
        return fail(s, RC_CONFLICT,
            "import %" PRId64 " cannot be undone: it wrote nothing, is being undone or was, or is "
            "older than 30 days",
            undo->id);
    return RC_OK;
}

static enum rc report(struct scope *s, struct undo *undo, int64_t rows, int64_t backend)
{
    int64_t n = 0;
    TRY(db_do(s, undo->side, &import_undo_progress,
        PARAMS(P_INT(undo->id), P_INT(rows), P_INT(backend)), &n));
    return n ? RC_OK : fail(s, RC_CONFLICT, "the undo was cancelled");
}

/* All or nothing, in steps that show. */
static enum rc take_back(struct scope *s, struct db *db, void *arg)
{
    struct undo *undo = arg;
    int64_t backend = 0, removed = 0, restored = 0, rows = 0;
    struct step step = {.last = 0};
    if (undo->detached)
        TRY(db_unhurried(s, db));
    TRY(db_one(s, db, &import_undo_session, NO_PARAMS, &backend));
    while (step.last != SHAPE_NONE) {
        TRY(report(s, undo, rows, backend));
        TRY(db_one(s, db, &import_undo_step,
            PARAMS(P_INT(undo->id), P_TEXT(undo->actor), P_INT(step.last), P_INT(STEP)), &step));
        removed += step.removed;
        restored += step.restored;
        rows += step.rows;
    }
    TRY(report(s, undo, rows, backend));
    TRY(db_do(s, db, &import_undo_close,
        PARAMS(P_INT(undo->id), P_TEXT(undo->actor), P_INT(removed), P_INT(restored)), NULL));
    return audit_add(s, db, undo->actor, "subscribers.import_undo",
        scope_printf(s, "import:%" PRId64, undo->id), NULL);
}

static enum rc run(struct scope *s, struct db *db, struct undo *undo)
{
    SCOPE(aside);
    enum rc rc = db_txn(s, db, take_back, undo);
    if (rc != RC_OK)
        (void)db_do(aside, undo->side, &import_undo_failed, PARAMS(P_INT(undo->id)), NULL);
    db_free(undo->side);
    undo->side = NULL;
    return rc;
}

static void run_detached(struct work *work, struct db *db)
{
    struct undo *undo = (struct undo *)work;
    if (run(undo->s, db, undo) != RC_OK)
        log_event(LOG_ERROR, "an import was not undone", LOG_INT("import", undo->id),
            LOG_TEXT("error", undo->s->fault.message));
    scope_free(undo->s);
    free(undo);
}

static void detach(struct call *c, const struct undo *undo)
{
    struct undo *detached = calloc(1, sizeof(*detached));
    if (!detached)
        abort();
    *detached = *undo;
    detached->detached = true;
    detached->s = scope_new();
    detached->actor = scope_strdup(detached->s, undo->actor);
    detached->work.run = run_detached;
    c->reply.status = 202;
    workers_add(c->importer, &detached->work);
}

enum rc import_undo(struct call *c)
{
    const struct undo_options *options = c->query;
    struct undo undo = {.actor = call_actor(c)};
    struct subscriber_import row;
    TRY(call_id(c, 0, &undo.id));
    TRY(import_read_one(c->s, c->db, undo.id, &row));
    undo.side = db_new(c->api->config->database_url, "import");
    enum rc rc = hold(c->s, &undo);
    if (rc != RC_OK)
        db_free(undo.side);
    TRY(rc);
    if (options->wait && row.created + row.updated <= AT_ONCE_MOST)
        TRY(run(c->s, c->db, &undo));
    else
        detach(c, &undo);
    TRY(import_read_one(c->s, c->db, undo.id, &row));
    return reply_object(c, &row);
}

enum rc import_cancel(struct call *c)
{
    bool running = false;
    int64_t id;
    struct subscriber_import row;
    TRY(call_id(c, 0, &id));
    TRY(import_read_one(c->s, c->db, id, &row));
    TRY(db_one(
        c->s, c->db, &import_cancel_one, PARAMS(P_INT(id), P_TEXT(call_actor(c))), &running));
    if (!running)
        return fail(c->s, RC_CONFLICT, "import %" PRId64 " is not running", id);
    TRY(audit_add(c->s, c->db, call_actor(c), "subscribers.import_cancel",
        scope_printf(c->s, "import:%" PRId64, id), NULL));
    TRY(import_read_one(c->s, c->db, id, &row));
    return reply_object(c, &row);
}
