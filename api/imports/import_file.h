#ifndef API_IMPORTS_IMPORT_FILE_H
#define API_IMPORTS_IMPORT_FILE_H
/*
 * The lines of a dry run, kept for a day, so that what was looked at is what is imported. They
 * wait in the database, sealed and in pieces: any api may be asked to import them.
 */
#include <stdio.h>

#include "api/call/api.h"
#include "core/db/db.h"

/* Keep all of in, in the caller's transaction. */
enum rc import_file_keep(
    struct scope *s, struct db *db, const struct api *api, int64_t import_id, FILE *in);

/* The lines of an import as an unnamed file at its begin, which is the caller's to close.
 * RC_CONFLICT: none are kept. */
enum rc import_file_open(
    struct scope *s, struct db *db, const struct api *api, int64_t import_id, FILE **ret);

#endif
