#include "api/imports/import.h"

#include <inttypes.h>
#include <string.h>

#include "core/json.h"

enum { LINES_A_REPORT = 4096, WRONG_LISTED = 10000 };

SHAPE_STATIC(struct word, word_shape, "CatalogueWord", FIELD(TEXT, kind),
    FIELD(TEXT, word, .max = 1000), FIELD(INT, id));

STMT(import_words,
    "SELECT 'component' AS kind, slug AS word, id FROM component UNION ALL"
    " SELECT 'name', lower(name), id FROM component UNION ALL"
    " SELECT 'group', slug, id FROM component_group UNION ALL"
    " SELECT 'incident', ref, id FROM incident UNION ALL"
    " SELECT 'list', name, id FROM account_list",
    .row = &word_shape);
STMT(import_errors, "SELECT amends.stage_errors($1)", .row = &row_text);
STMT(import_measure, "SELECT amends.stage_measure($1)");

static enum rc load_words(struct scope *s, struct db *db, struct import *import)
{
    struct list words;
    import->words = json_own(s, json_object());
    TRY(db_all(s, db, &import_words, NO_PARAMS, &words));
    for (size_t i = 0; i < words.n; i++) {
        const struct word *word = (const struct word *)words.at + i;
        json_object_set_new(import->words, scope_printf(s, "%s:%s", word->kind, word->word),
            json_integer(word->id));
    }
    return RC_OK;
}

int64_t import_word(
    struct scope *s, const struct import *import, const char *kind, const char *word)
{
    return json_get_int(import->words, scope_printf(s, "%s:%s", kind, word));
}

struct db_copy *import_row(struct import *import, int64_t number)
{
    db_copy_int(&import->copy, number);
    db_copy_text(&import->copy, NULL);
    db_copy_text(&import->copy, NULL);
    return &import->copy;
}

/* Whether it is listed. */
static bool add_wrong(struct import *import, int64_t number, const struct fault *fault)
{
    if (import->wrong++ >= WRONG_LISTED) {
        import->unlisted++;
        return false;
    }
    db_copy_int(&import->copy, number);
    db_copy_text(&import->copy, fault->field ? fault->field : "");
    db_copy_text(&import->copy, fault->message);
    db_copy_rest(&import->copy);
    return true;
}

static enum rc report(struct scope *s, struct import *import, const char *state)
{
    if (import->progress && !import->progress(import, state))
        return fail(s, RC_CONFLICT, "the import was cancelled");
    return RC_OK;
}

static enum rc read_lines(struct scope *s, struct import *import, struct import_reader *reader)
{
    void *line = scope_alloc(s, import->kind->line->size);
    while (!reader->broken) {
        SCOPE(inner);
        enum rc rc = import_reader_next(inner, reader, line);
        int64_t number = import_reader_line(reader);
        if (rc == RC_NOT_FOUND)
            break;
        if (rc == RC_OK)
            rc = import->kind->take(inner, import, line, number);
        if (rc == RC_OK || add_wrong(import, number, &inner->fault))
            TRY(db_copy_row(s, &import->copy));
        if (++import->lines % LINES_A_REPORT == 0)
            TRY(report(s, import, "reading"));
    }
    return import->lines ? RC_OK : fail(s, RC_INVALID, "there are no lines");
}

static enum rc read_file(struct scope *s, struct import *import)
{
    const struct import_kind *kind = import->kind;
    struct import_reader reader;
    enum rc rc = import_reader_open(s, kind->line, kind->detect, import->in, import->csv, &reader);
    if (rc == RC_OK)
        rc = read_lines(s, import, &reader);
    import_reader_close(&reader);
    return rc;
}

enum rc import_stage(struct scope *s, struct db *db, struct import *import)
{
    const struct import_kind *kind = import->kind;
    int64_t wrong = 0;
    import->lines = import->wrong = import->unlisted = import->to_check = 0;
    TRY(db_unhurried(s, db));
    enum rc rc = db_lock(s, db, kind->lock, LOCK_EXCLUSIVE);
    import->busy = rc == RC_RETRY;
    TRY(rc);
    TRY(db_do(s, db, kind->clear, NO_PARAMS, NULL));
    TRY(report(s, import, "reading"));
    TRY(load_words(s, db, import));
    TRY(db_copy_begin(s, db, kind->stage, &import->copy));
    TRY(db_copy_end(s, &import->copy, read_file(s, import)));
    TRY(report(s, import, "comparing"));
    TRY(db_do(s, db, &import_measure, PARAMS(P_TEXT(kind->table)), NULL));
    if (import->to_check)
        TRY(db_do(s, db, kind->check, NO_PARAMS, &wrong));
    import->wrong += wrong;
    import->refused = import->wrong && !import->skip_invalid && !import->dry_run;
    return RC_OK;
}

bool import_is_csv(const struct request *request, const char *format)
{
    const char *type = request->content_type;
    if (format)
        return !strcmp(format, "csv");
    if (type && (strcasestr(type, "csv") || strcasestr(type, "json")))
        return strcasestr(type, "csv");
    return import_begins_csv(request->upload);
}

enum rc import_refusal(struct scope *s, struct db *db, const struct import *import, struct call *c)
{
    TRY(db_one(s, db, &import_errors, PARAMS(P_TEXT(import->kind->table)), &c->errors));
    return fail(s, RC_INVALID, "%" PRId64 " of %" PRId64 " lines are invalid; nothing was written",
        import->wrong, import->lines);
}
