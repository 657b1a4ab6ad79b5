#include "api/imports/subscriber_job.h"

#include <inttypes.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/imports/import_file.h"
#include "api/subscribers/address.h"
#include "api/subscribers/subscriber.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"

enum { SEAL_PAGE = 1000, SECRETS_SHOWN = 1000, LETTERS_MAX = 10000 };

SHAPE_STATIC(struct staged_secret, staged_secret_shape, "StagedSecret", FIELD(INT, line),
    FIELD(INT, id), FIELD(TEXT, channel), FIELD(TEXT, sealed, .max = 10000),
    FIELD(TEXT, secret, .max = 10000), FIELD(BOOL, created));

/* Its lock shows that the import is alive, also while it is queued (import_state). */
STMT(import_begin,
    "WITH new AS (INSERT INTO subscriber_import (dry_run, skip_invalid, actor)"
    "   VALUES ($1, $2, $3) RETURNING id)"
    " SELECT id FROM new, LATERAL pg_advisory_lock($4, id::integer)",
    .row = &row_int);
STMT(import_session, "SELECT pg_backend_pid()::bigint", .row = &row_int);
/* No row: it was cancelled. */
STMT(import_progress, "UPDATE subscriber_import SET state = $2, rows = $3, backend = $4"
                      " WHERE id = $1 AND cancelled_by IS NULL");
STMT(import_forget,
    "WITH old AS (SELECT id FROM subscriber_import WHERE started_at < now() - interval '30 days'),"
    " lines AS (DELETE FROM import_line WHERE import_id IN (SELECT id FROM old))"
    " DELETE FROM import_undo WHERE import_id IN (SELECT id FROM old)");
STMT(import_look, "SELECT amends.import_compare($1, $2)");
STMT(import_put, "SELECT amends.import_write($1, $2, $3)");
STMT(import_write_letters,
    "SELECT amends.letter_send('confirmation', s.id) FROM import_stage i JOIN subscriber s"
    "   ON s.channel = i.channel AND s.address_hash = i.hash"
    "  WHERE i.letter AND s.import_id = $1 AND s.state = 'pending'"
    "    AND s.channel IN ('email', 'sms')");
STMT(import_secrets,
    "SELECT i.line, s.id, s.channel::text, encode(i.sealed, 'hex') AS sealed,"
    "   encode(i.secret, 'hex') AS secret, s.import_id = $1 AS created"
    "  FROM import_stage i JOIN subscriber s ON s.channel = i.channel AND s.address_hash = i.hash"
    " WHERE i.line > $2 AND (i.sealed IS NOT NULL OR i.secret IS NOT NULL)"
    "   AND s.sealed IS NULL AND s.secret_sealed IS NULL"
    " ORDER BY i.line LIMIT $3",
    .row = &staged_secret_shape);
STMT(import_seal, "UPDATE subscriber s SET sealed = decode(x.address, 'hex'),"
                  "    secret_sealed = decode(x.secret, 'hex')"
                  "  FROM jsonb_to_recordset($1::jsonb) AS x(id bigint, address text, secret text)"
                  " WHERE s.id = x.id");
STMT(import_end, "UPDATE subscriber_import SET state = $2, rows = $3, backend = NULL,"
                 " done_at = clock_timestamp() WHERE id = $1");
/* The lines that a dry run kept, once they are imported. */
STMT(import_used, "WITH gone AS (DELETE FROM import_file WHERE import_id = $1)"
                  " UPDATE subscriber_import SET imported_as = $2 WHERE id = $1");
STMT(import_failed, "UPDATE subscriber_import SET done_at = now(), backend = NULL,"
                    "  state = CASE WHEN cancelled_by IS NULL THEN 'failed' ELSE 'cancelled' END,"
                    "  error = CASE WHEN cancelled_by IS NULL THEN $2 END WHERE id = $1");

enum rc subscriber_job_begin(struct scope *s, struct subscriber_job *job)
{
    const struct import *import = &job->stage.import;
    struct db *side = db_new(import->api->config->database_url, "import");
    enum rc rc = db_one(s, side, &import_begin,
        PARAMS(P_BOOL(import->dry_run), P_BOOL(import->skip_invalid), P_TEXT(job->actor),
            P_INT(LOCK_IMPORT)),
        &job->id);
    if (rc != RC_OK) {
        db_free(side);
        return rc;
    }
    job->side = side;
    return RC_OK;
}

/* At most four times a second while lines are read. A report that fails does not end the import. */
static bool report(struct import *import, const char *state)
{
    struct subscriber_job *job = (struct subscriber_job *)import;
    SCOPE(s);
    if (import->lines && !strcmp(state, "reading") &&
        clock_monotonic() - job->reported_at < CLOCK_SECOND / 4)
        return true;
    int64_t n = 0;
    enum rc rc = db_do(s, job->side, &import_progress,
        PARAMS(P_INT(job->id), P_TEXT(state), P_INT(import->lines), P_INT(job->backend)), &n);
    job->reported_at = clock_monotonic();
    return rc != RC_OK || n;
}

/* A webhook without a secret gets one, which is shown once. */
static const char *secret_of(
    struct scope *s, const struct staged_secret *at, const char *given, json_t *shown)
{
    if (given || strcmp(at->channel, "webhook") != 0)
        return given;
    char *secret = subscriber_secret(s);
    if (json_array_size(shown) < SECRETS_SHOWN)
        json_array_append_new(shown, json_pack("{s:I, s:I, s:s}", "line", (json_int_t)at->line,
                                         "id", (json_int_t)at->id, "secret", secret));
    return secret;
}

static enum rc seal_page(
    struct scope *s, struct db *db, const struct api *api, const struct list *page, json_t *shown)
{
    json_t *rows = json_own(s, json_array());
    for (size_t i = 0; i < page->n; i++) {
        const struct staged_secret *at = (const struct staged_secret *)page->at + i;
        char *address, *given;
        TRY(subscriber_stage_open(s, api, "address", at->line, at->sealed, &address));
        TRY(subscriber_stage_open(s, api, "secret", at->line, at->secret, &given));
        const char *secret = secret_of(s, at, given, shown);
        if (address)
            address = address_seal(s, api, "address", at->id, address);
        if (secret)
            secret = address_seal(s, api, "secret", at->id, secret);
        json_array_append_new(rows, json_pack("{s:I, s:s*, s:s*}", "id", (json_int_t)at->id,
                                        "address", address, "secret", secret));
    }
    return db_do(s, db, &import_seal, PARAMS(P_TEXT(json_text(s, rows))), NULL);
}

/* A URL is sealed together with the id of its subscriber, which the import has given it. */
static enum rc seal_all(struct scope *s, struct db *db, struct subscriber_job *job)
{
    json_t *shown = json_own(s, json_array());
    for (int64_t after = 0;;) {
        SCOPE(inner);
        struct list page;
        enum rc rc = db_all(inner, db, &import_secrets,
            PARAMS(P_INT(job->id), P_INT(after), P_INT(SEAL_PAGE)), &page);
        if (rc == RC_OK && page.n) {
            after = ((const struct staged_secret *)page.at)[page.n - 1].line;
            rc = seal_page(inner, db, job->stage.import.api, &page, shown);
        }
        if (rc != RC_OK)
            return fail_from(s, inner);
        if (page.n < SEAL_PAGE)
            break;
    }
    job->secrets = json_text(s, shown);
    return RC_OK;
}

static enum rc write_stage(struct scope *s, struct db *db, struct subscriber_job *job)
{
    struct import *import = &job->stage.import;
    if (job->stage.letters > LETTERS_MAX)
        return fail_field(s, RC_INVALID, "confirmed",
            "%" PRId64 " subscribers need a confirmation mail, at most %d in one import",
            job->stage.letters, LETTERS_MAX);
    if (!report(import, "writing"))
        return fail(s, RC_CONFLICT, "the import was cancelled");
    TRY(db_do(s, db, &import_put,
        PARAMS(P_INT(job->id), P_TEXT(job->actor), P_INT(import->unlisted)), NULL));
    if (job->stage.sealed)
        TRY(seal_all(s, db, job));
    if (job->stage.letters)
        TRY(db_do(s, db, &import_write_letters, PARAMS(P_INT(job->id)), NULL));
    if (job->applies)
        TRY(db_do(s, db, &import_used, PARAMS(P_INT(job->applies), P_INT(job->id)), NULL));
    return audit_add(s, db, job->actor, "subscribers.import",
        scope_printf(s, "import:%" PRId64, job->id),
        scope_printf(s, "{\"rows\":%" PRId64 "}", import->lines));
}

static enum rc run(struct scope *s, struct db *db, void *arg)
{
    struct subscriber_job *job = arg;
    struct import *import = &job->stage.import;
    job->stage.letters = job->stage.sealed = 0;
    import->lines = 0;
    TRY(db_one(s, db, &import_session, NO_PARAMS, &job->backend));
    if (!report(import, "waiting"))
        return fail(s, RC_CONFLICT, "the import was cancelled");
    TRY(import_stage(s, db, import));
    TRY(db_do(s, db, &import_forget, NO_PARAMS, NULL));
    if (import->refused || import->dry_run)
        TRY(db_do(s, db, &import_look, PARAMS(P_INT(job->id), P_INT(import->unlisted)), NULL));
    else
        TRY(write_stage(s, db, job));
    TRY(db_do(s, db, import->kind->clear, NO_PARAMS, NULL));
    if (job->keep)
        TRY(import_file_keep(s, db, import->api, job->id, import->in));
    return db_do(s, db, &import_end,
        PARAMS(P_INT(job->id), P_TEXT(import->refused ? "refused" : "done"), P_INT(import->lines)),
        NULL);
}

static void end(struct scope *s, struct subscriber_job *job, enum rc rc)
{
    const char *error = job->stage.import.busy ? "another import was running" : "internal error";
    if (rc == RC_INVALID)
        error = s->fault.field ? scope_printf(s, "%s: %s", s->fault.field, s->fault.message)
                               : s->fault.message;
    SCOPE(aside);
    if (rc != RC_OK)
        (void)db_do(aside, job->side, &import_failed, PARAMS(P_INT(job->id), P_TEXT(error)), NULL);
    db_free(job->side);
    job->side = NULL;
}

enum rc subscriber_job_run(struct scope *s, struct db *db, struct subscriber_job *job)
{
    job->stage.import.kind = &subscriber_kind;
    job->stage.import.progress = report;
    job->stage.zone = (struct strbuf)STRBUF_INIT(1000);
    job->secrets = "[]";
    job->stage.import.busy = false;
    enum rc rc = db_txn(s, db, run, job);
    strbuf_release(&job->stage.zone);
    if (!job->stage.import.busy)
        end(s, job, rc);
    return rc;
}

void subscriber_job_refuse(struct scope *s, struct subscriber_job *job)
{
    end(s, job, RC_RETRY);
}
