/* POST /v1/subscribers/import, /v1/imports/{id}/apply. An import adds addresses whose owners agreed
 * elsewhere; a stored opt-out or suppression overrides it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/workers.h"
#include "api/imports/import_file.h"
#include "api/imports/import_record.h"
#include "api/imports/imports.h"
#include "api/imports/subscriber_job.h"
#include "core/log.h"
#include "core/service.h"

#define SKIP_DOC "Skip invalid lines; otherwise one invalid line refuses all."
#define WAIT_DOC \
    "Reply when the import ends, or 503 while another one runs. false: queue it and reply 202."
static const char *const file_formats[] = {"csv", "ndjson", NULL};
SHAPE_EXTERN(struct import_options, import_options_shape, "ImportOptions",
    FIELD(BOOL, dry_run, .def = "false", .doc = "Write nothing; report the outcome of each line."),
    FIELD(BOOL, keep, .def = "false",
        .doc = "With dry_run: keep the lines for a day, for POST /v1/imports/{id}/apply."),
    FIELD(BOOL, skip_invalid, .def = "false", .doc = SKIP_DOC),
    FIELD(BOOL, wait, .def = "true", .doc = WAIT_DOC),
    FIELD(TEXT, format, .one_of = file_formats,
        .doc = "Default: by Content-Type, then by the first character."));

static enum rc answer(struct call *c, const struct subscriber_job *job)
{
    struct subscriber_import row;
    TRY(import_read_one(c->s, c->db, job->id, &row));
    row.secrets = job->secrets;
    if (strcmp(row.state, "refused") != 0)
        return reply_object(c, &row);
    c->errors = row.errors;
    return fail(c->s, RC_INVALID,
        "%" PRId64 " of %" PRId64 " lines are invalid; nothing was written: /v1/imports/%" PRId64
        "/lines?outcome=invalid lists them",
        row.invalid, row.rows, job->id);
}

/* An import whose caller does not wait for it: on the thread of such imports, in their order. */
struct detached {
    struct work work;
    struct scope *s;
    struct subscriber_job job;
};

static void run_detached(struct work *work, struct db *db)
{
    struct detached *detached = (struct detached *)work;
    enum rc rc;
    do {
        rc = subscriber_job_run(detached->s, db, &detached->job);
    } while (detached->job.stage.import.busy && !service_stopping());
    if (detached->job.stage.import.busy)
        subscriber_job_refuse(detached->s, &detached->job);
    if (rc != RC_OK)
        log_event(LOG_ERROR, "an import failed", LOG_INT("import", detached->job.id),
            LOG_TEXT("error", detached->s->fault.message));
    fclose(detached->job.stage.import.in);
    scope_free(detached->s);
    free(detached);
}

/* Takes the file over: it is closed whatever the outcome. */
static enum rc detach(struct call *c, struct subscriber_job *job)
{
    struct detached *detached = calloc(1, sizeof(*detached));
    if (!detached)
        abort();
    detached->s = scope_new();
    detached->work.run = run_detached;
    detached->job = *job;
    detached->job.actor = scope_strdup(detached->s, job->actor);
    job->stage.import.in = NULL;
    c->keeps_upload = true;
    struct subscriber_import row;
    enum rc rc = import_read_one(c->s, c->db, job->id, &row);
    workers_add(c->importer, &detached->work);
    TRY(rc);
    row.state = "waiting";
    c->reply.status = 202;
    return reply_object(c, &row);
}

static enum rc start(struct call *c, struct subscriber_job *job, bool wait)
{
    TRY(subscriber_job_begin(c->s, job));
    enum rc rc = wait ? subscriber_job_run(c->s, c->db, job) : RC_OK;
    /* The console shows the progress of a queued import; scripts get a definite reply. */
    bool busy = wait && job->stage.import.busy;
    if (!wait || (busy && c->staff))
        return detach(c, job);
    if (busy)
        subscriber_job_refuse(c->s, job);
    TRY(rc);
    return answer(c, job);
}

enum rc subscriber_import(struct call *c)
{
    const struct import_options *options = c->query;
    struct subscriber_job job = {
        .stage.import = {.api = c->api,
            .in = c->request->upload,
            .csv = import_is_csv(c->request, options->format),
            .dry_run = options->dry_run,
            .skip_invalid = options->skip_invalid},
        .actor = call_actor(c),
        .keep = options->keep,
    };
    if (options->keep && !options->dry_run)
        return fail_field(c->s, RC_INVALID, "keep", "requires dry_run");
    return start(c, &job, options->wait);
}

SHAPE_EXTERN(struct apply_options, apply_options_shape, "ApplyOptions",
    FIELD(BOOL, skip_invalid, .def = "false", .doc = SKIP_DOC),
    FIELD(BOOL, wait, .def = "true", .doc = WAIT_DOC));

enum rc import_apply(struct call *c)
{
    const struct apply_options *options = c->query;
    struct subscriber_job job = {
        .stage.import = {.api = c->api, .skip_invalid = options->skip_invalid},
        .actor = call_actor(c),
    };
    struct import *import = &job.stage.import;
    struct subscriber_import row;
    TRY(call_id(c, 0, &job.applies));
    TRY(import_read_one(c->s, c->db, job.applies, &row));
    TRY(import_file_open(c->s, c->db, c->api, job.applies, &import->in));
    import->csv = import_begins_csv(import->in);
    enum rc rc = start(c, &job, options->wait);
    if (import->in)
        fclose(import->in);
    return rc;
}
