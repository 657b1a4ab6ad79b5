#pragma once
/* Shared by the imports of accounts and subscribers: sending a file and printing the outcome. */
#include "cli/client.h"

/* POST a file (- is standard input). format: csv, ndjson, or NULL for the API to detect. */
enum rc import_send(struct scope *s, const struct client *client, const char *path,
    const char *file, const char *format, json_t **ret);

/* The number of lines of each outcome. */
void import_print_counts(const json_t *import, const char *const *outcomes);

/* Wait for an import of subscribers, showing its progress. RC_INVALID when lines were invalid and
 * nothing was written. */
enum rc import_wait(struct scope *s, const struct client *client, json_t **import);
