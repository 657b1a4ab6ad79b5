#pragma once
/*
 * The lines of a dry run, kept for a day, so that exactly the previewed lines are imported. They
 * are stored sealed in the database, where any api process finds them.
 */
#include <stdio.h>

#include "api/call/api.h"
#include "core/db/db.h"

/* Store the whole file, in the caller's transaction. */
enum rc import_file_keep(
    struct scope *s, struct db *db, const struct api *api, int64_t import_id, FILE *in);

/* The lines of an import as an unnamed file, rewound; the caller closes it.
 * RC_CONFLICT: none are kept. */
enum rc import_file_open(
    struct scope *s, struct db *db, const struct api *api, int64_t import_id, FILE **ret);
