/* GET /v1/imports, /v1/imports/{id}, /v1/imports/{id}/lines. */
#include "api/imports/import_record.h"
#include "api/imports/imports.h"

#include <inttypes.h>
#include <string.h>

#include "api/call/list_page.h"
#include "api/imports/import.h"
#include "core/csv.h"
#include "core/db/db_copy.h"

enum { ERRORS_SHOWN = 100 };

SHAPE_STATIC(struct place, place_shape, "ImportPlace",
    FIELD(INT, line, .required = true, .doc = "Number of the line."),
    FIELD(TEXT, address, .required = true, .nullable = true, .doc = "Address of the line."));
SHAPE_STATIC(struct group, group_shape, "ImportGroup",
    FIELD(TEXT, outcome, .required = true, .doc = "Outcome."),
    FIELD(TEXT, field, .required = true, .nullable = true, .doc = "Field of the reason."),
    FIELD(TEXT, detail, .required = true, .nullable = true, .doc = "Reason."),
    FIELD(INT, count, .required = true, .doc = "Number of lines."),
    FIELD(RAW, lines, .form = FORM_LIST, .of = &place_shape, .nullable = true,
        .doc = "The first ten."));
SHAPE_STATIC(struct wrong, wrong_shape, "ImportError",
    FIELD(INT, line, .required = true, .doc = "Number of the line."),
    FIELD(TEXT, field, .required = true, .nullable = true, .doc = "Field."),
    FIELD(TEXT, detail, .required = true, .nullable = true, .doc = "Reason."));
SHAPE_STATIC(struct shown, shown_shape, "ImportSecret",
    FIELD(INT, line, .required = true, .doc = "Number of the line."),
    FIELD(INT, id, .required = true, .doc = "Id of the subscriber."),
    FIELD(TEXT, secret, .required = true, .doc = "Its secret."));

const struct shape subscriber_import_shape = SHAPE("Import", struct subscriber_import,
    FIELD(INT, id, .required = true, .doc = "Number of the import."),
    FIELD(TEXT, state, .required = true,
        .doc = "waiting, reading, comparing, writing, done, refused (invalid lines), failed, "
               "interrupted (the process ended; nothing was written), cancelled (nothing was "
               "written), "
               "undoing, undone."),
    FIELD(BOOL, dry_run, .required = true, .doc = "A preview: nothing is written."),
    FIELD(BOOL, skip_invalid, .required = true, .doc = "Invalid lines are skipped."),
    FIELD(TEXT, actor, .required = true, .doc = "API key or person that started it."),
    FIELD(TIME, started_at, .required = true, .doc = "Start."), FIELD(TIME, done_at, .doc = "End."),
    FIELD(TIME, undone_at, .doc = "Time of the undo."),
    FIELD(TEXT, undone_by, .doc = "API key or person that undid it."),
    FIELD(TIME, kept_until,
        .doc = "Of a dry run with keep=true: end of the time for POST /v1/imports/{id}/apply."),
    FIELD(INT, imported_as, .doc = "Of a dry run: the import that applied it."),
    FIELD(INT, rows, .required = true, .doc = "Lines read so far."),
    FIELD(INT, rows_per_second, .required = true, .doc = "Since the start."),
    FIELD(INT, created, .required = true, .doc = "New subscribers."),
    FIELD(INT, updated, .required = true, .doc = "Known subscribers that change."),
    FIELD(INT, unchanged, .required = true, .doc = "Known subscribers that stay the same."),
    FIELD(INT, duplicate, .required = true,
        .doc = "Lines whose address has a later line, or an opt-out, in the file."),
    FIELD(INT, opted_out, .required = true, .doc = "Unsubscribed before: not changed."),
    FIELD(INT, suppressed, .required = true, .doc = "Suppressed before: not changed."),
    FIELD(INT, invalid, .required = true, .doc = "Invalid lines."),
    FIELD(INT, unlisted, .required = true,
        .doc = "How many of them are only counted: the first 10,000 are listed by their lines."),
    FIELD(INT, skipped, .required = true,
        .doc = "Sum of duplicate, opted_out, suppressed and invalid."),
    FIELD(INT, removed, .required = true, .doc = "Subscribers removed by the undo."),
    FIELD(INT, restored, .required = true, .doc = "Subscribers restored by the undo."),
    FIELD(INT, kept, .required = true, .doc = "Not undone, because edited since."),
    FIELD(INT, undone_rows, .required = true,
        .doc = "Subscribers that the undo has dealt with so far."),
    FIELD(TEXT, cancelled_by, .doc = "API key or person that asked to cancel it, or its undo."),
    FIELD(TEXT, error, .doc = "Reason of the failure."),
    FIELD(RAW, groups, .form = FORM_LIST, .of = &group_shape,
        .doc = "Lines by outcome and reason. Not in lists."),
    FIELD(RAW, errors, .form = FORM_LIST, .of = &wrong_shape, .doc = "The first hundred errors."),
    FIELD(RAW, secrets, .form = FORM_LIST, .of = &shown_shape,
        .doc = "Of new webhooks, shown only once."));

STMT(import_one,
    "SELECT i.*, (SELECT coalesce(json_agg(json_build_object('outcome', g.outcome,"
    "     'field', g.field, 'detail', g.detail, 'count', g.n, 'lines', g.lines)"
    "     ORDER BY g.outcome = 'invalid' DESC, g.n DESC), '[]')"
    "   FROM (SELECT l.outcome, l.field, l.detail, count(*) AS n,"
    "       json_agg(json_build_object('line', l.line, 'address', l.address) ORDER BY l.line)"
    "         FILTER (WHERE l.nth <= 10) AS lines"
    "     FROM (SELECT *, row_number() OVER (PARTITION BY outcome, field, detail ORDER BY line)"
    "         AS nth FROM import_line WHERE import_id = $1) l"
    "     GROUP BY l.outcome, l.field, l.detail ORDER BY n DESC LIMIT 100) g) AS groups,"
    "  (SELECT coalesce(json_agg(json_build_object('line', e.line, 'field', e.field, 'detail',"
    "     e.detail)), '[]') FROM (SELECT * FROM import_line WHERE import_id = $1"
    "     AND outcome = 'invalid' ORDER BY line LIMIT $2) e) AS errors"
    " FROM amends.import_record i WHERE i.id = $1",
    .row = &subscriber_import_shape);
STMT(import_some, "SELECT * FROM amends.import_record WHERE id < $1 ORDER BY id DESC LIMIT $2",
    .row = &subscriber_import_shape);

enum rc import_read_one(struct scope *s, struct db *db, int64_t id, struct subscriber_import *ret)
{
    return IF_NONE(db_one(s, db, &import_one, PARAMS(P_INT(id), P_INT(ERRORS_SHOWN)), ret),
        fail(s, RC_NOT_FOUND, "no import %" PRId64, id));
}

enum rc import_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    struct list rows;
    int64_t before;
    TRY(page_open(c, "imports", &before));
    TRY(db_all(c->s, c->db, &import_some,
        PARAMS(P_INT(before ? before : INT64_MAX), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "imports", rows, offsetof(struct subscriber_import, id));
}

enum rc import_get(struct call *c)
{
    int64_t id;
    struct subscriber_import row;
    TRY(call_id(c, 0, &id));
    TRY(import_read_one(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

static const char *const outcomes[] = {
    "created", "changed", "unchanged", "duplicate", "opted_out", "suppressed", "invalid", NULL};

SHAPE_EXTERN(struct line_filter, import_line_filter_shape, "ImportLineFilter",
    FIELD(TEXT, outcome, .one_of = outcomes, .doc = "Only lines with this outcome."));

SHAPE_STATIC(struct import_line, import_line_shape, "ImportLine", FIELD(INT, line),
    FIELD(TEXT, outcome), FIELD(TEXT, address), FIELD(TEXT, field), FIELD(TEXT, detail));

STMT(import_lines,
    "SELECT line, outcome, address, field, detail FROM import_line"
    " WHERE import_id = $1 AND ($2::text IS NULL OR outcome = $2) ORDER BY line",
    .row = &import_line_shape);

static enum rc print_line(struct scope *s, const void *row, void *arg)
{
    const struct import_line *line = row;
    STRBUF(b, 8 * CSV_FIELD_MAX);
    (void)s;
    strbuf_addf(&b, "%" PRId64 ",", line->line);
    csv_add(&b, line->outcome, false);
    csv_add(&b, line->address, false);
    csv_add(&b, line->field, false);
    csv_add(&b, line->detail, true);
    fwrite(b.buf, 1, b.len, arg);
    return RC_OK;
}

enum rc import_line_list(struct call *c)
{
    const struct line_filter *filter = c->query;
    int64_t id;
    FILE *out;
    struct subscriber_import row;
    TRY(call_id(c, 0, &id));
    TRY(import_read_one(c->s, c->db, id, &row));
    TRY(reply_file(c, "text/csv; charset=utf-8", &out));
    fputs("line,outcome,address,field,detail\r\n", out);
    TRY(db_each(
        c->s, c->db, &import_lines, PARAMS(P_INT(id), P_TEXT(filter->outcome)), print_line, out));
    bool invalid = !filter->outcome || !strcmp(filter->outcome, "invalid");
    if (row.unlisted && invalid)
        fprintf(out, ",invalid,,,%" PRId64 " more invalid lines are not listed\r\n", row.unlisted);
    return RC_OK;
}
