#ifndef CLI_SUBSCRIBER_IMPORT_H
#define CLI_SUBSCRIBER_IMPORT_H
/* amends subscriber import: sends a file and reports progress and outcome. */
#include "cli/client.h"

struct import_request {
    const char *file; /* - is standard input */
    bool ndjson, dry_run, skip_invalid;
    bool json; /* print the import as JSON instead of words */
};

/* RC_INVALID if lines were invalid and nothing was written. */
enum rc subscriber_import_send(
    struct scope *s, const struct client *client, const struct import_request *request);

/* Print an import as text to standard output. */
void subscriber_import_print(const json_t *import);

#endif
