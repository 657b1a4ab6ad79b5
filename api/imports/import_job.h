#ifndef API_IMPORTS_IMPORT_JOB_H
#define API_IMPORTS_IMPORT_JOB_H
/*
 * One import from its file to its end: subscriber_import says how far it is, and a row of it
 * stays. Whatever happens, either all that it writes is written or nothing.
 */
#include "api/call/api.h"
#include "core/db/db.h"

struct import_job {
    const struct api *api;
    int64_t id;      /* by import_job_begin */
    struct db *side; /* by import_job_begin: tells how far it is, and holds its lock */
    const char *actor;
    FILE *in;            /* at its begin */
    bool csv;            /* else NDJSON */
    bool dry_run;        /* only compare */
    bool skip_invalid;   /* leave out what is wrong instead of refusing everything */
    bool keep;           /* of dry_run: the lines (import_file.h), to be imported as they are */
    int64_t looked_at;   /* the dry run whose lines these are, or 0 */
    const char *secrets; /* JSON [{line, id, secret}]: told once, of at most 1,000 webhooks */
};

/* Give it a number, by which it can be asked for. It has to be run then. */
enum rc import_job_begin(struct scope *s, struct import_job *job);

/* Do it. Lines that are wrong are no failure of this call: then its state is refused. */
enum rc import_job_run(struct scope *s, struct db *db, struct import_job *job);

#endif
