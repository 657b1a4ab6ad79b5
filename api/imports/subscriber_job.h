#pragma once
/*
 * One import of subscribers. Its row of subscriber_import shows its progress and stays; all that it
 * writes is written in one transaction.
 */
#include "api/imports/subscriber_stage.h"

struct subscriber_job {
    struct subscriber_stage stage; /* first; its import has api, in, csv, dry_run, skip_invalid */
    int64_t id;                    /* by subscriber_job_begin */
    struct db *side;     /* by subscriber_job_begin: writes the progress and holds the lock */
    int64_t backend;     /* pid of the database session that works */
    int64_t reported_at; /* progress, by clock_monotonic */
    const char *actor;
    bool keep;           /* of a dry run: keep the lines (import_file.h) for an import */
    int64_t applies;     /* the dry run whose lines these are, or 0 */
    const char *secrets; /* JSON [{line, id, secret}] of at most 1,000 new webhooks: shown once */
};

/* Give it a number. It must be run afterwards. */
enum rc subscriber_job_begin(struct scope *s, struct subscriber_job *job);

/* Run it. Invalid lines do not fail this call: the state is refused. RC_RETRY and import.busy:
 * another import runs and this one still waits, to be run again or refused. */
enum rc subscriber_job_run(struct scope *s, struct db *db, struct subscriber_job *job);
void subscriber_job_refuse(struct scope *s, struct subscriber_job *job);
