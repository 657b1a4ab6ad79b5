#pragma once
/* The record of an import of subscribers: its progress and outcome. */
#include "core/db/db.h"

struct subscriber_import {
    int64_t id;
    const char *state;
    bool dry_run, skip_invalid;
    const char *actor;
    int64_t started_at, done_at, undone_at, kept_until, imported_as;
    const char *undone_by;
    int64_t rows, rows_per_second, created, updated, unchanged, duplicate, opted_out, suppressed,
        invalid, unlisted, skipped, removed, restored, kept, undone_rows;
    const char *cancelled_by;
    const char *error;
    const char *groups;
    const char *errors;
    const char *secrets;
};

/* By number, with its groups of lines; RC_NOT_FOUND. */
enum rc import_read_one(struct scope *s, struct db *db, int64_t id, struct subscriber_import *ret);
