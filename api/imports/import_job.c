#include "api/call/audit_log.h"
#include "api/imports/import_job.h"

#include <inttypes.h>
#include <string.h>

#include "api/subscribers/address.h"
#include "api/imports/import.h"
#include "api/imports/import_file.h"
#include "api/imports/import_stage.h"
#include "api/call/lookup.h"
#include "api/subscribers/subscriber.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"

enum { SEAL_PAGE = 1000, SECRETS_TOLD = 1000, LETTERS_MAX = 10000 };

struct count {
    int64_t n;
};
static const struct shape count_shape = SHAPE("Count", struct count, FIELD(INT, n));

struct staged_secret {
    int64_t line, id;
    const char *channel, *sealed, *secret;
    bool created;
};
static const struct shape staged_secret_shape = SHAPE("StagedSecret", struct staged_secret,
    FIELD(INT, line), FIELD(INT, id), FIELD(TEXT, channel), FIELD(TEXT, sealed, .max = 10000),
    FIELD(TEXT, secret, .max = 10000), FIELD(BOOL, created));

/* Its lock says that somebody does it, also while it waits for a worker (import_state). */
STMT(import_begin,
    "WITH new AS (INSERT INTO subscriber_import (dry_run, skip_invalid, actor)"
    "   VALUES ($1, $2, $3) RETURNING id)"
    " SELECT id FROM new, LATERAL pg_advisory_lock(4179, id::integer)",
    .row = &row_id_shape);
STMT(import_progress, "UPDATE subscriber_import SET state = $2, rows = $3 WHERE id = $1");
STMT(import_forget,
    "WITH old AS (SELECT id FROM subscriber_import WHERE started_at < now() - interval '30 days'),"
    " lines AS (DELETE FROM import_line WHERE import_id IN (SELECT id FROM old))"
    " DELETE FROM import_undo WHERE import_id IN (SELECT id FROM old)");
/* One at a time: the stage is one. */
STMT(import_turn, "SELECT pg_advisory_xact_lock(4180)");
STMT(import_clear, "TRUNCATE import_stage");
STMT(import_measure, "SELECT amends.stage_measure('import_stage')");
STMT(import_strangers,
    "SELECT count(*) AS n FROM import_stage i WHERE i.account IS NOT NULL AND i.problem IS NULL"
    " AND NOT EXISTS (SELECT FROM account a WHERE a.external_id = i.account)",
    .row = &count_shape);
STMT(import_look, "SELECT amends.import_compare($1)");
STMT(import_put, "SELECT amends.import_write($1, $2)");
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
STMT(import_end, "UPDATE subscriber_import SET state = $2, rows = $3, done_at = clock_timestamp() "
                 "WHERE id = $1");
/* Written, so nobody needs them any more; all of it in one transaction. */
STMT(import_used, "WITH gone AS (DELETE FROM import_file WHERE import_id = $1)"
                  " UPDATE subscriber_import SET imported_as = $2 WHERE id = $1");
STMT(import_failed,
    "UPDATE subscriber_import SET state = 'failed', error = $2, done_at = now() WHERE id = $1");

/* One run: db does it, in one transaction. */
struct running {
    struct import_job *job;
    int64_t told_at;
    struct import_stage_counts lines;
};

enum rc import_job_begin(struct scope *s, struct import_job *job)
{
    struct row_id row;
    struct db *side = db_new(job->api->config->database_url, "import");
    enum rc rc = db_one(s, side, &import_begin,
        PARAMS(P_BOOL(job->dry_run), P_BOOL(job->skip_invalid), P_TEXT(job->actor)), &row);
    if (rc != RC_OK) {
        db_free(side);
        return rc;
    }
    job->side = side;
    job->id = row.id;
    return RC_OK;
}

/* That progress can not be told is no reason to end. */
static void tell(struct running *run, const char *state, int64_t rows)
{
    SCOPE(s);
    (void)db_do(s, run->job->side, &import_progress,
        PARAMS(P_INT(run->job->id), P_TEXT(state), P_INT(rows)), NULL);
    run->told_at = clock_monotonic();
}

static enum rc on_progress(struct scope *s, int64_t lines, void *arg)
{
    struct running *run = arg;
    (void)s;
    if (clock_monotonic() - run->told_at > CLOCK_SECOND / 4)
        tell(run, "reading", lines);
    return RC_OK;
}

static void set_text(json_t *row, const char *name, const char *text)
{
    if (text)
        json_object_set_new(row, name, json_string(text));
}

/* A webhook without a secret gets one, which is told once. */
static const char *secret_of(
    struct scope *s, const struct staged_secret *at, const char *given, json_t *told)
{
    if (given || strcmp(at->channel, "webhook") != 0)
        return given;
    char *secret = subscriber_secret(s);
    if (json_array_size(told) < SECRETS_TOLD) {
        json_t *entry = json_object();
        json_object_set_new(entry, "line", json_integer(at->line));
        json_object_set_new(entry, "id", json_integer(at->id));
        set_text(entry, "secret", secret);
        json_array_append_new(told, entry);
    }
    return secret;
}

static enum rc seal_page(struct scope *s, struct db *db, const struct import_job *job,
    const struct list *page, json_t *told)
{
    json_t *rows = json_own(s, json_array());
    for (size_t i = 0; i < page->n; i++) {
        const struct staged_secret *at = (const struct staged_secret *)page->at + i;
        char *address, *secret;
        TRY(import_stage_open(s, job->api, "address", at->line, at->sealed, &address));
        TRY(import_stage_open(s, job->api, "secret", at->line, at->secret, &secret));
        const char *kept = secret_of(s, at, secret, told);
        json_t *row = json_object();
        json_object_set_new(row, "id", json_integer(at->id));
        if (address)
            set_text(row, "address", address_seal(s, job->api, "address", at->id, address));
        if (kept)
            set_text(row, "secret", address_seal(s, job->api, "secret", at->id, kept));
        json_array_append_new(rows, row);
    }
    return db_do(s, db, &import_seal, PARAMS(P_TEXT(json_text(s, rows))), NULL);
}

/* URLs are sealed with the id of their row, so after it is there. */
static enum rc seal_all(struct scope *s, struct db *db, struct import_job *job)
{
    json_t *told = json_own(s, json_array());
    for (int64_t after = 0;;) {
        SCOPE(inner);
        struct list page;
        enum rc rc = db_all(inner, db, &import_secrets,
            PARAMS(P_INT(job->id), P_INT(after), P_INT(SEAL_PAGE)), &page);
        if (rc == RC_OK && page.n) {
            after = ((const struct staged_secret *)page.at)[page.n - 1].line;
            rc = seal_page(inner, db, job, &page, told);
        }
        if (rc != RC_OK)
            return fail_from(s, inner);
        if (page.n < SEAL_PAGE)
            break;
    }
    job->secrets = json_text(s, told);
    return RC_OK;
}

static enum rc write_stage(struct scope *s, struct db *db, struct running *run)
{
    struct import_job *job = run->job;
    const struct import_stage_counts *lines = &run->lines;
    if (lines->letters > LETTERS_MAX)
        return fail_field(s, RC_INVALID, "confirmed",
            "%" PRId64 " would be asked to confirm, at most %d in one import", lines->letters,
            LETTERS_MAX);
    tell(run, "writing", lines->all);
    TRY(db_do(s, db, &import_put, PARAMS(P_INT(job->id), P_TEXT(job->actor)), NULL));
    if (lines->secrets)
        TRY(seal_all(s, db, job));
    if (lines->letters)
        TRY(db_do(s, db, &import_write_letters, PARAMS(P_INT(job->id)), NULL));
    if (job->looked_at)
        TRY(db_do(s, db, &import_used, PARAMS(P_INT(job->looked_at), P_INT(job->id)), NULL));
    return audit_add(s, db, job->actor, "subscribers.import",
        scope_printf(s, "import:%" PRId64, job->id),
        scope_printf(s, "{\"rows\":%" PRId64 "}", lines->all));
}

static enum rc do_all(struct scope *s, struct db *db, void *arg)
{
    struct running *run = arg;
    struct import_job *job = run->job;
    const struct import_source source = {
        .in = job->in, .csv = job->csv, .progress = on_progress, .arg = run};
    struct count strangers = {0};
    rewind(job->in);
    TRY(db_unhurried(s, db));
    TRY(db_do(s, db, &import_turn, NO_PARAMS, NULL));
    TRY(db_do(s, db, &import_forget, NO_PARAMS, NULL));
    TRY(db_do(s, db, &import_clear, NO_PARAMS, NULL));
    tell(run, "reading", 0);
    TRY(import_stage_fill(s, db, job->api, &source, &run->lines));
    tell(run, "comparing", run->lines.all);
    TRY(db_do(s, db, &import_measure, NO_PARAMS, NULL));
    if (run->lines.accounts)
        TRY(db_one(s, db, &import_strangers, NO_PARAMS, &strangers));
    bool refused = run->lines.wrong + strangers.n && !job->skip_invalid;
    if (refused || job->dry_run)
        TRY(db_do(s, db, &import_look, PARAMS(P_INT(job->id)), NULL));
    else
        TRY(write_stage(s, db, run));
    TRY(db_do(s, db, &import_clear, NO_PARAMS, NULL));
    if (job->keep)
        TRY(import_file_keep(s, db, job->api, job->id, job->in));
    const char *state = refused && !job->dry_run ? "refused" : "done";
    return db_do(
        s, db, &import_end, PARAMS(P_INT(job->id), P_TEXT(state), P_INT(run->lines.all)), NULL);
}

enum rc import_job_run(struct scope *s, struct db *db, struct import_job *job)
{
    struct running run = {.job = job};
    job->secrets = "[]";
    enum rc rc = db_txn(s, db, do_all, &run);
    if (rc != RC_OK) {
        SCOPE(aside);
        (void)db_do(aside, job->side, &import_failed,
            PARAMS(P_INT(job->id),
                P_TEXT(rc == RC_INVALID ? s->fault.message : "the import ended with an error")),
            NULL);
    }
    db_free(job->side);
    job->side = NULL;
    return rc;
}
