/* GET /v1/imports, /v1/imports/{id}, /v1/imports/{id}/lines, POST /v1/imports/{id}/undo. */
#include "api/call/audit_log.h"
#include "api/imports/import_record.h"
#include "api/imports/imports.h"

#include <inttypes.h>
#include <string.h>

#include "api/call/cursor.h"
#include "api/imports/import.h"
#include "core/csv.h"
#include "core/db/db_copy.h"

enum { ERRORS_SHOWN = 100 };

const struct shape subscriber_import_shape = SHAPE("Import", struct subscriber_import,
    FIELD(INT, id, .required = true, .doc = "Number of the import."),
    FIELD(TEXT, state, .required = true,
        .doc = "waiting, reading, comparing, writing, done, refused (lines were wrong), failed, "
               "interrupted (the process ended; nothing was written), undone."),
    FIELD(BOOL, dry_run, .required = true, .doc = "Nothing was to be written."),
    FIELD(BOOL, skip_invalid, .required = true, .doc = "Wrong lines were left out."),
    FIELD(TEXT, actor, .required = true, .doc = "Whose key."),
    FIELD(TIME, started_at, .required = true, .doc = "When it was asked for."),
    FIELD(TIME, done_at, .doc = "When it ended."),
    FIELD(TIME, undone_at, .doc = "When it was taken back."),
    FIELD(TEXT, undone_by, .doc = "By whose key."),
    FIELD(TIME, kept_until,
        .doc = "Of a dry run with keep=true: until when POST /v1/imports/{id}/apply imports it."),
    FIELD(INT, imported_as, .doc = "Of a dry run: the import that did what it looked at."),
    FIELD(INT, rows, .required = true, .doc = "Lines read so far."),
    FIELD(INT, rows_per_second, .required = true, .doc = "Since it was asked for."),
    FIELD(INT, created, .required = true, .doc = "New subscribers."),
    FIELD(INT, updated, .required = true, .doc = "Known ones that change."),
    FIELD(INT, unchanged, .required = true, .doc = "Known ones as they are."),
    FIELD(INT, duplicate, .required = true,
        .doc = "Lines whose address stands again further down, or there as an opt-out."),
    FIELD(INT, opted_out, .required = true, .doc = "Had unsubscribed here: left alone."),
    FIELD(INT, suppressed, .required = true, .doc = "Are suppressed here: left alone."),
    FIELD(INT, invalid, .required = true, .doc = "Lines that are wrong."),
    FIELD(INT, skipped, .required = true, .doc = "duplicate, opted_out, suppressed, invalid."),
    FIELD(INT, removed, .required = true, .doc = "By the undo."),
    FIELD(INT, restored, .required = true, .doc = "By the undo."),
    FIELD(INT, kept, .required = true, .doc = "Not undone, because changed since."),
    FIELD(TEXT, error, .doc = "Why it failed."),
    FIELD(RAW, groups,
        .doc = "[{outcome, field, detail, count, lines: [{line, address}]}]: the lines by what "
               "becomes of them and why, the first ten of each; of one import."),
    FIELD(RAW, errors, .doc = "[{line, field, detail}]: the first hundred that are wrong."),
    FIELD(RAW, secrets, .doc = "[{line, id, secret}] of new webhooks; told once."));

#define IMPORT_COLUMNS \
    "SELECT i.id, amends.import_state(i) AS state, i.dry_run, i.skip_invalid, i.actor, " \
    "i.started_at," \
    "  i.done_at, i.undone_at, i.undone_by, i.rows, (i.rows / greatest(0.001, extract(epoch FROM" \
    "    coalesce(i.done_at, clock_timestamp()) - i.started_at)))::bigint AS rows_per_second," \
    "  i.created, i.changed AS updated, i.unchanged, i.duplicate, i.opted_out, i.suppressed," \
    "  i.invalid, i.duplicate + i.opted_out + i.suppressed + i.invalid AS skipped, i.removed," \
    "  i.restored, i.kept, i.error, i.imported_as, (SELECT f.kept_at + interval '1 day'" \
    "    FROM import_file f WHERE f.import_id = i.id AND f.piece = 0" \
    "    AND f.kept_at > now() - interval '1 day') AS kept_until"

STMT(import_one,
    IMPORT_COLUMNS
    ", (SELECT coalesce(json_agg(json_build_object('outcome', g.outcome,"
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
    " FROM subscriber_import i WHERE i.id = $1",
    .row = &subscriber_import_shape);
STMT(import_some,
    IMPORT_COLUMNS " FROM subscriber_import i WHERE i.id < $1 ORDER BY i.id DESC LIMIT $2",
    .row = &subscriber_import_shape);

enum rc import_read_one(struct scope *s, struct db *db, int64_t id, struct subscriber_import *ret)
{
    enum rc rc = db_one(s, db, &import_one, PARAMS(P_INT(id), P_INT(ERRORS_SHOWN)), ret);
    return rc == RC_NOT_FOUND ? fail(s, rc, "no import %" PRId64, id) : rc;
}

struct import_filter {
    const char *cursor;
    int64_t limit;
};
const struct shape import_filter_shape = SHAPE("ImportFilter", struct import_filter,
    FIELD(TEXT, cursor, .max = 256, .doc = "next_cursor of the page before."),
    FIELD(INT, limit, .min = 1, .max = 200, .def = "50", .doc = "Size of a page."));

enum rc import_list(struct call *c)
{
    const struct import_filter *filter = c->query;
    struct list rows;
    int64_t before;
    TRY(cursor_open(c->s, c->api->keys, "imports", filter->cursor, &before));
    TRY(db_all(c->s, c->db, &import_some,
        PARAMS(P_INT(before ? before : INT64_MAX), P_INT(filter->limit)), &rows));
    const struct subscriber_import *at = rows.at;
    bool more = (int64_t)rows.n == filter->limit;
    return reply_list(
        c, rows, more ? cursor_make(c->s, c->api->keys, "imports", at[rows.n - 1].id) : NULL);
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

struct line_filter {
    const char *outcome;
};
const struct shape import_line_filter_shape = SHAPE("ImportLineFilter", struct line_filter,
    FIELD(TEXT, outcome, .one_of = outcomes, .doc = "Only these."));

struct judged_line {
    int64_t line;
    const char *outcome, *address, *field, *detail;
};
static const struct shape judged_line_shape =
    SHAPE("JudgedLine", struct judged_line, FIELD(INT, line), FIELD(TEXT, outcome),
        FIELD(TEXT, address), FIELD(TEXT, field), FIELD(TEXT, detail));

STMT(import_lines,
    "SELECT line, outcome, address, field, detail FROM import_line"
    " WHERE import_id = $1 AND ($2::text IS NULL OR outcome = $2) ORDER BY line",
    .row = &judged_line_shape);

static enum rc print_line(struct scope *s, const void *row, void *arg)
{
    const struct judged_line *line = row;
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
    return db_each(
        c->s, c->db, &import_lines, PARAMS(P_INT(id), P_TEXT(filter->outcome)), print_line, out);
}

struct undone {
    bool done;
};
static const struct shape undone_shape = SHAPE("Undone", struct undone, FIELD(BOOL, done));

STMT(import_undo_all, "SELECT amends.import_take_back($1, $2) AS done", .row = &undone_shape);

struct undoing {
    struct call *c;
    int64_t id;
};

static enum rc take_back(struct scope *s, struct db *db, void *arg)
{
    const struct undoing *undoing = arg;
    const char *actor = call_actor(undoing->c);
    struct undone undone;
    TRY(db_unhurried(s, db));
    TRY(db_one(s, db, &import_undo_all, PARAMS(P_INT(undoing->id), P_TEXT(actor)), &undone));
    if (!undone.done)
        return fail(s, RC_CONFLICT,
            "import %" PRId64 " can not be undone: it wrote nothing, is undone already, or is "
            "older than 30 days",
            undoing->id);
    return audit_add(s, db, actor, "subscribers.import_undo",
        scope_printf(s, "import:%" PRId64, undoing->id), NULL);
}

enum rc import_undo(struct call *c)
{
    struct undoing undoing = {.c = c};
    struct subscriber_import row;
    TRY(call_id(c, 0, &undoing.id));
    TRY(import_read_one(c->s, c->db, undoing.id, &row));
    TRY(db_txn(c->s, c->db, take_back, &undoing));
    TRY(import_read_one(c->s, c->db, undoing.id, &row));
    return reply_object(c, &row);
}
