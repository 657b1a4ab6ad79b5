/* POST /v1/subscribers/import, /v1/imports/{id}/apply. An import brings addresses whose owners
 * agreed elsewhere; an opt-out or a suppression here still wins. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/imports/import.h"
#include "api/imports/import_file.h"
#include "api/imports/import_job.h"
#include "api/imports/import_record.h"
#include "api/imports/imports.h"
#include "api/http/workers.h"
#include "core/log.h"

struct import_options {
    bool dry_run, keep, skip_invalid, wait;
    const char *format;
};
#define SKIP_DOC "Leave out lines that are wrong; else one wrong line refuses all."
#define WAIT_DOC "Answer when it is done; false: at once, with 202, and GET /v1/imports/{id} tells."
static const char *const file_formats[] = {"csv", "ndjson", NULL};
const struct shape import_options_shape = SHAPE("ImportOptions", struct import_options,
    FIELD(BOOL, dry_run, .def = "false",
        .doc = "Write nothing; tell what would become of each line."),
    FIELD(BOOL, keep, .def = "false",
        .doc = "With dry_run: keep the lines for a day, for POST /v1/imports/{id}/apply."),
    FIELD(BOOL, skip_invalid, .def = "false", .doc = SKIP_DOC),
    FIELD(BOOL, wait, .def = "true", .doc = WAIT_DOC),
    FIELD(TEXT, format, .one_of = file_formats,
        .doc = "Else by Content-Type and the first character."));

static bool is_csv(const struct call *c, const struct import_options *options)
{
    const char *type = c->request->content_type;
    if (options->format)
        return !strcmp(options->format, "csv");
    if (type && (strcasestr(type, "csv") || strcasestr(type, "json")))
        return strcasestr(type, "csv");
    return import_begins_csv(c->request->upload);
}

static enum rc answer(struct call *c, const struct import_job *job)
{
    struct subscriber_import row;
    TRY(import_read_one(c->s, c->db, job->id, &row));
    row.secrets = job->secrets;
    if (strcmp(row.state, "refused") != 0)
        return reply_object(c, &row);
    c->errors = row.errors;
    return fail(c->s, RC_INVALID,
        "%" PRId64 " of %" PRId64 " lines are wrong; nothing was written: /v1/imports/%" PRId64
        "/lines?outcome=invalid has all of them",
        row.invalid, row.rows, job->id);
}

/* An import that nobody waits for. */
struct detached {
    struct work work;
    struct scope *s;
    struct import_job job;
};

static void run_detached(struct work *work, struct db *db)
{
    struct detached *detached = (struct detached *)work;
    enum rc rc = import_job_run(detached->s, db, &detached->job);
    if (rc != RC_OK)
        log_event(LOG_ERROR, "an import failed", LOG_INT("import", detached->job.id),
            LOG_TEXT("error", detached->s->fault.message));
    fclose(detached->job.in);
    scope_free(detached->s);
    free(detached);
}

/* Whatever becomes of it, job->in is closed. */
static enum rc detach(struct call *c, const struct import_job *job)
{
    struct detached *detached = calloc(1, sizeof(*detached));
    if (!detached)
        abort();
    detached->s = scope_new();
    detached->work.run = run_detached;
    detached->job = *job;
    detached->job.actor = scope_strdup(detached->s, job->actor);
    struct subscriber_import row;
    enum rc rc = import_read_one(c->s, c->db, job->id, &row);
    workers_add(c->workers, &detached->work);
    TRY(rc);
    row.state = "waiting";
    c->reply.status = 202;
    return reply_object(c, &row);
}

enum rc subscriber_import(struct call *c)
{
    const struct import_options *options = c->query;
    struct import_job job = {.api = c->api,
        .actor = call_actor(c),
        .in = c->request->upload,
        .csv = is_csv(c, options),
        .dry_run = options->dry_run,
        .skip_invalid = options->skip_invalid};
    if (options->keep && !options->dry_run)
        return fail_field(c->s, RC_INVALID, "keep", "goes with dry_run");
    job.keep = options->keep;
    TRY(import_job_begin(c->s, &job));
    if (!options->wait) {
        c->keeps_upload = true;
        return detach(c, &job);
    }
    TRY(import_job_run(c->s, c->db, &job));
    return answer(c, &job);
}

struct apply_options {
    bool skip_invalid, wait;
};
const struct shape apply_options_shape = SHAPE("ApplyOptions", struct apply_options,
    FIELD(BOOL, skip_invalid, .def = "false", .doc = SKIP_DOC),
    FIELD(BOOL, wait, .def = "true", .doc = WAIT_DOC));

static void close_file(FILE **file)
{
    if (*file)
        fclose(*file);
}

enum rc import_apply(struct call *c)
{
    const struct apply_options *options = c->query;
    struct import_job job = {
        .api = c->api, .actor = call_actor(c), .skip_invalid = options->skip_invalid};
    struct subscriber_import row;
    CLEANUP(close_file) FILE *in = NULL;
    TRY(call_id(c, 0, &job.looked_at));
    TRY(import_read_one(c->s, c->db, job.looked_at, &row));
    TRY(import_file_open(c->s, c->db, c->api, job.looked_at, &in));
    job.csv = import_begins_csv(in);
    TRY(import_job_begin(c->s, &job));
    job.in = in;
    if (!options->wait) {
        (void)TAKE(in);
        return detach(c, &job);
    }
    TRY(import_job_run(c->s, c->db, &job));
    return answer(c, &job);
}
