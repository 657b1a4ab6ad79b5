#pragma once
/*
 * A subscriber in an import or export: a JSON object per line, or a CSV record with the same names
 * as columns.
 */
#include "api/imports/import_reader.h"

struct subscriber_line {
    int64_t id; /* of an export; imports ignore it */
    const char *channel;
    const char *address;
    const char *state;
    const char *state_reason;
    const char *locale;
    const char *timezone;
    const char *verbosity;
    int64_t paused_until;
    const char *account;
    struct texts components, groups, incidents, muted;
    const char *format;
    const char *owner;
    const char *secret;
    bool confirmed;
    const char *consent_source;
    int64_t consent_at;
    const char *consents; /* JSON */
    int64_t created_at;
};
extern const struct shape subscriber_line_shape;

/* CSV files of Statuspage, listmonk, Mailchimp, Keila and Brevo, by their columns. */
import_detect_fn subscriber_foreign;

/* The header of a CSV export, and a record of it. */
void subscriber_line_header(struct strbuf *b);
void subscriber_line_print_csv(struct strbuf *b, const struct subscriber_line *line);
