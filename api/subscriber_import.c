/* POST /v1/subscribers/import. An import brings addresses whose owners agreed elsewhere; an
 * opt-out or a suppression here still wins. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/import.h"
#include "api/import_job.h"
#include "api/imports.h"
#include "api/resources.h"
#include "api/workers.h"
#include "core/log.h"

struct import_options {
    bool dry_run, skip_invalid, wait;
    const char *format;
};
static const char *const file_formats[] = {"csv", "ndjson", NULL};
#define SHAPE_STRUCT struct import_options
static const struct field import_options_fields[] = {
    FIELD(BOOL, dry_run, .def = "false",
        .doc = "Write nothing; tell what would become of each line."),
    FIELD(BOOL, skip_invalid, .def = "false",
        .doc = "Leave out lines that are wrong; else one wrong line refuses all."),
    FIELD(BOOL, wait, .def = "true",
        .doc = "Answer when it is done; false: at once, with 202, and GET /v1/imports/{id} tells."),
    FIELD(TEXT, format, .one_of = file_formats,
        .doc = "Else by Content-Type and the first character."),
};
const struct shape import_options_shape = SHAPE("ImportOptions", import_options_fields);
#undef SHAPE_STRUCT

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

static enum rc detach(struct call *c, const struct import_job *job)
{
    struct detached *detached = calloc(1, sizeof(*detached));
    if (!detached)
        abort();
    detached->s = scope_new();
    detached->work.run = run_detached;
    detached->job = *job;
    detached->job.actor = scope_strdup(detached->s, job->actor);
    c->keeps_upload = true;
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
    TRY(import_job_begin(c->s, c->db, &job));
    if (!options->wait)
        return detach(c, &job);
    TRY(import_job_run(c->s, c->db, &job));
    return answer(c, &job);
}
