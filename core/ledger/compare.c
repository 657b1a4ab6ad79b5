#include "core/ledger/compare.h"

#include <jansson.h>
#include <stdarg.h>
#include <string.h>

#include "core/json.h"
#include "core/ledger/digest.h"

/* Rows that may be missing in a row before the next one is recognised by its mark. */
enum { LOOK_AHEAD = 64, NAMED_MAX = 3 };

void ledger_fault(struct ledger_faults *faults, const char *place, const char *fmt, ...)
{
    if (faults->n == LEDGER_FAULTS_MAX) {
        faults->more++;
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    faults->at[faults->n].fault = scope_vprintf(faults->s, fmt, ap);
    va_end(ap);
    faults->at[faults->n++].place = scope_strdup(faults->s, place);
}

enum difference { CHANGED, ADDED, MISSING };

/* The rows of a part as they stream past the marks that the entry has of them. */
struct comparing {
    struct scope *s;
    const unsigned char *marks; /* of n rows */
    int64_t n, at;
    const char *pending; /* the name of a row whose mark is neither here nor soon */
    bool moved;          /* rows were added or are missing */
    struct {
        enum difference what;
        const char *key; /* of MISSING: the row behind; NULL: the end */
    } named[NAMED_MAX];
    int64_t differences;
};

static void name(struct comparing *c, enum difference what, const char *key)
{
    c->moved = c->moved || what != CHANGED;
    if (c->differences++ < NAMED_MAX) {
        c->named[c->differences - 1].what = what;
        c->named[c->differences - 1].key = scope_strdup(c->s, key);
    }
}

static bool is_at(const struct comparing *c, const unsigned char *mark, int64_t at)
{
    return at < c->n && !memcmp(c->marks + at * DIGEST_MARK, mark, DIGEST_MARK);
}

/* The pending row stands where another stood, or where none did. */
static void settle(struct comparing *c, bool added)
{
    if (!c->pending)
        return;
    added = added || c->at == c->n;
    name(c, added ? ADDED : CHANGED, c->pending);
    c->at += !added;
    c->pending = NULL;
}

static void see_row(void *arg, const unsigned char mark[DIGEST_MARK], const char *key)
{
    struct comparing *c = arg;
    settle(c, is_at(c, mark, c->at));
    for (int64_t ahead = 0; ahead <= LOOK_AHEAD && c->at + ahead < c->n; ahead++) {
        if (!is_at(c, mark, c->at + ahead))
            continue;
        if (ahead)
            name(c, MISSING, key);
        c->at += ahead + 1;
        return;
    }
    c->pending = scope_strdup(c->s, key);
}

static void see_end(struct comparing *c)
{
    settle(c, false);
    if (c->at < c->n)
        name(c, MISSING, NULL);
}

struct place {
    const struct entry *entry;
    const struct ledger_part *part;
    struct ledger_faults *faults;
};

/* "entry 17 (issue 3)" */
static const char *entry_name(struct scope *s, const struct entry *entry)
{
    if (entry->object == SHAPE_NONE)
        return scope_printf(s, "entry %lld (%s)", (long long)entry->seq, entry->kind);
    return scope_printf(
        s, "entry %lld (%s %lld)", (long long)entry->seq, entry->kind, (long long)entry->object);
}

static void report(struct scope *s, const struct place *place, enum difference what,
    const char *key, const char *columns)
{
    const char *table = place->part->table, *entry = entry_name(s, place->entry);
    const char *row = key ? scope_printf(s, "%s %s", table, key) : table;
    bool alone = place->entry->ids && *place->entry->ids && !strchr(place->entry->ids, ',');
    if (what == CHANGED)
        ledger_fault(place->faults, row, "%s changed since %s", columns, entry);
    else if (what == ADDED)
        ledger_fault(place->faults, row, "was added since %s", entry);
    else if (key)
        ledger_fault(place->faults, row, "a row before it, which %s has, is missing", entry);
    else if (alone)
        ledger_fault(place->faults, scope_printf(s, "%s %s", table, place->entry->ids),
            "is missing, and %s has it", entry);
    else if (!strcmp(table, "credit_run"))
        ledger_fault(place->faults,
            scope_printf(s, "%s %lld", table, (long long)place->entry->object),
            "is missing, and %s has it", entry);
    else
        ledger_fault(place->faults, row, "its last rows, which %s has, are missing", entry);
}

/* "amount_minor, currency" */
static const char *changed_columns(struct scope *s, const json_t *was, const json_t *is)
{
    STRBUF(b, 4000);
    const char *column;
    json_t *hash;
    json_object_foreach((json_t *)(uintptr_t)was, column, hash)
    {
        if (json_equal(hash, json_object_get(is, column)))
            continue;
        if (b.len)
            strbuf_addstr(&b, ", ");
        strbuf_addstr(&b, column);
    }
    return b.len ? strbuf_copy(&b, s) : "its columns";
}

static void report_all(struct scope *s, const struct place *place, const struct comparing *c,
    const json_t *was, const json_t *is)
{
    const char *columns = c->moved ? "its columns"
                                   : changed_columns(s, json_object_get(was, "columns"),
                                         json_object_get(is, "columns"));
    for (int64_t i = 0; i < c->differences && i < NAMED_MAX; i++)
        report(s, place, c->named[i].what, c->named[i].key, columns);
    if (c->differences > NAMED_MAX)
        ledger_fault(place->faults, place->part->table, "%lld more of its rows differ from %s",
            (long long)(c->differences - NAMED_MAX), entry_name(s, place->entry));
    if (!c->differences)
        ledger_fault(place->faults, place->part->table, "%s of a row changed since %s", columns,
            entry_name(s, place->entry));
}

/* marks: those of the entry from this part on; moved behind the part's. */
static enum rc compare_part(struct scope *s, struct db *db, const struct place *place,
    struct params params, const json_t *was, size_t *marks)
{
    const struct entry *entry = place->entry;
    struct comparing c = {.s = s, .marks = entry->marks + *marks, .n = json_get_int(was, "rows")};
    struct digest digest;
    if (c.n < 0 || (size_t)c.n > (entry->marks_len - *marks) / DIGEST_MARK) {
        ledger_fault(
            place->faults, "ledger_chain", "entry %lld has too few marks", (long long)entry->seq);
        return RC_OK;
    }
    *marks += (size_t)c.n * DIGEST_MARK;
    const json_t *columns = c.n ? json_object_get(was, "columns") : NULL;
    TRY(digest_part(s, db, place->part, params, columns, NULL, NULL, NULL, &digest));
    if (!strcmp(json_get_word(was, "hash"), json_get_word(digest.json, "hash")))
        return RC_OK;
    /* Read again to name the rows, which costs more than to prove them. */
    TRY(digest_part(s, db, place->part, params, columns, NULL, see_row, &c, &digest));
    see_end(&c);
    report_all(s, place, &c, was, digest.json);
    return RC_OK;
}

static enum rc compare_tables(struct scope *s, struct db *db, const struct entry *entry,
    const json_t *tables, size_t *marks, struct ledger_faults *faults)
{
    const struct ledger_parts *parts = ledger_parts_of(entry->kind);
    struct param object =
        *entry->ids ? P_TEXT(scope_printf(s, "{%s}", entry->ids)) : P_INT(entry->object);
    for (size_t i = 0; i < parts->n; i++) {
        struct place place = {.entry = entry, .part = &parts->at[i], .faults = faults};
        const json_t *was = json_array_get(tables, i);
        if (strcmp(json_get_word(was, "table"), place.part->table) != 0)
            ledger_fault(faults, scope_printf(s, "ledger_chain %lld", (long long)entry->seq),
                "lacks table %s", place.part->table);
        else
            TRY(compare_part(s, db, &place, PARAMS(object), was, marks));
    }
    return RC_OK;
}

static enum rc compare_totals(struct scope *s, struct db *db, const struct entry *entry,
    const json_t *body, struct ledger_faults *faults)
{
    const char *totals, *was = json_get_word(body, "totals");
    if (!ledger_parts_of(entry->kind)->totals)
        return RC_OK;
    TRY(ledger_totals(s, db, entry->object, &totals));
    if (strcmp(totals, was) != 0)
        ledger_fault(faults, scope_printf(s, "credit_run %lld", (long long)entry->object),
            "its credits sum to %s, and to %s in %s", totals, was, entry_name(s, entry));
    return RC_OK;
}

static enum rc compare_audit(struct scope *s, struct db *db, const struct entry *entry,
    const json_t *body, size_t *marks, struct ledger_faults *faults)
{
    const json_t *was = json_object_get(body, "audit");
    struct place place = {.entry = entry, .part = &ledger_part_audit, .faults = faults};
    if (!was)
        return RC_OK;
    struct param from = P_INT(entry->audit_seq - json_get_int(was, "rows"));
    return compare_part(s, db, &place, PARAMS(from, P_INT(entry->audit_seq)), was, marks);
}

enum rc ledger_compare(
    struct scope *s, struct db *db, const struct entry *entry, struct ledger_faults *faults)
{
    const char *place = scope_printf(s, "ledger_chain %lld", (long long)entry->seq);
    unsigned char hash[ENTRY_HASH];
    json_t *body = NULL;
    size_t marks = 0;
    entry_hash(entry, hash);
    if (memcmp(hash, entry->hash, ENTRY_HASH) != 0)
        ledger_fault(faults, place, "its hash does not follow from its own words");
    if (!ledger_parts_of(entry->kind) ||
        json_parse(s, entry->body, strlen(entry->body), &body) != RC_OK) {
        ledger_fault(faults, place, "its kind or body cannot be read");
        return RC_OK;
    }
    TRY(compare_tables(s, db, entry, json_object_get(body, "tables"), &marks, faults));
    TRY(compare_totals(s, db, entry, body, faults));
    return compare_audit(s, db, entry, body, &marks, faults);
}
