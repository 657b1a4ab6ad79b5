#ifndef CLI_SUBSCRIBER_IMPORT_H
#define CLI_SUBSCRIBER_IMPORT_H
/* amends subscriber import: sends a file, shows how far it is, tells what became of it. */
#include "cli/client.h"

struct import_request {
    const char *file; /* - is standard input */
    bool ndjson, dry_run, skip_invalid;
    bool json; /* print the import as JSON instead of words */
};

/* RC_INVALID when lines were wrong and nothing was written. */
enum rc subscriber_import_send(
    struct scope *s, const struct client *client, const struct import_request *request);

/* An import in words, on standard output. */
void subscriber_import_print(const json_t *import);

#endif
