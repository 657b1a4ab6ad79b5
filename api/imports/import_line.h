#ifndef API_IMPORTS_IMPORT_LINE_H
#define API_IMPORTS_IMPORT_LINE_H
/*
 * A subscriber as imports and exports write it: a JSON object a line, or a CSV record with
 * the same names as columns, lists separated by spaces. CSV exports of Statuspage and of
 * listmonk are read as they are.
 */
#include "core/csv.h"
#include "core/shape.h"

struct import_line {
    int64_t id; /* of an export; an import takes no notice */
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
extern const struct shape import_line_shape;

/* What the columns of a CSV file mean. */
struct import_columns {
    enum { COLUMNS_OURS, COLUMNS_STATUSPAGE, COLUMNS_LISTMONK } kind;
    struct texts names;          /* of ours: as they stand, else in lower case with _ for spaces */
    const struct field **fields; /* of ours: what each is */
    struct import_line blank;    /* a line that says nothing */
};

/* From the header, kept in s. RC_INVALID for a column that no format has. */
enum rc import_columns_read(struct scope *s, struct texts header, struct import_columns *ret);

/* A record into a line; text in s. RC_INVALID with the field. */
enum rc import_line_csv(struct scope *s, const struct import_columns *columns, struct texts values,
    struct import_line *ret);
/* A JSON object into a line. */
enum rc import_line_json(struct scope *s, const char *text, size_t len, struct import_line *ret);

/* Statuspage and listmonk (import_foreign.c): what the values of a record say in our words. */
enum rc import_line_foreign(struct scope *s, const struct import_columns *columns,
    struct texts values, struct import_line *ret);

/* The columns of an export, and a line of it in them. */
void import_line_header(struct strbuf *b);
void import_line_print_csv(struct strbuf *b, const struct import_line *line);

#endif
