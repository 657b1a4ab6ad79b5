#include "core/ledger/digest.h"

#include <sodium.h>
#include <string.h>

#include "core/clock.h"
#include "core/db/db_copy_out.h"
#include "core/json.h"
#include "core/sign.h"

enum { COLUMNS_MAX = 64, COLUMN_HASH = 6, ROW_MAX = 256 * 1024 * 1024 };

struct column {
    const char *name;
    int at; /* in the result; negative: the table no longer has it */
    crypto_generichash_state hash;
};

struct digesting {
    const struct ledger_part *part;
    const json_t *wanted;
    struct strbuf *marks;
    digest_row_fn *each;
    void *arg;
    struct column *columns;
    size_t n;
    int64_t rows;
    crypto_generichash_state all;
    struct strbuf row; /* the current row, as hashed */
};

static bool is_word(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += len)
        if ((at == words || at[-1] == ' ') && (!at[len] || at[len] == ' '))
            return true;
    return false;
}

static void add_column(struct digesting *d, const char *name, int at)
{
    if (d->n == COLUMNS_MAX)
        abort(); /* no table of ours has as many */
    struct column *column = &d->columns[d->n++];
    column->name = name;
    column->at = at;
    crypto_generichash_init(&column->hash, NULL, 0, DIGEST_HASH);
}

static void choose_columns(struct scope *s, struct digesting *d, const PGresult *all)
{
    const char *name;
    json_t *value;
    if (d->wanted) {
        json_object_foreach((json_t *)(uintptr_t)d->wanted, name, value)
            add_column(d, name, PQfnumber(all, name));
        return;
    }
    for (int i = 0; i < PQnfields(all); i++)
        if (!is_word(d->part->without, PQfname(all, i)))
            add_column(d, scope_strdup(s, PQfname(all, i)), i);
}

/* Each value with its length before it, so that no two rows read alike. */
static void add_value(struct digesting *d, struct column *column, const struct db_value *values)
{
    struct db_value value = column->at < 0 ? (struct db_value){.len = -1} : values[column->at];
    uint32_t len = (uint32_t)value.len;
    unsigned char head[] = {(unsigned char)(len >> 24), (unsigned char)(len >> 16),
        (unsigned char)(len >> 8), (unsigned char)len};
    size_t from = d->row.len;
    strbuf_add(&d->row, head, sizeof head);
    if (value.len > 0)
        strbuf_add(&d->row, value.at, (size_t)value.len);
    crypto_generichash_update(
        &column->hash, (const unsigned char *)d->row.buf + from, d->row.len - from);
}

static int64_t big_endian(const struct db_value *value)
{
    uint64_t number = value->len > 0 && value->at[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < value->len; i++)
        number = number << 8 | (unsigned char)value->at[i];
    return (int64_t)number;
}

/* Keys are integers and dates. */
static void add_key(struct strbuf *b, Oid type, const struct db_value *value)
{
    enum { DATE = 1082, EPOCH_DAYS = 10957 /* from 1970 to 2000, where dates begin */ };
    int64_t number = big_endian(value);
    SCOPE(s);
    if (type == DATE)
        strbuf_addf(b, "%.10s", clock_rfc3339(s, (number + EPOCH_DAYS) * 86400 * CLOCK_SECOND));
    else
        strbuf_addf(b, "%lld", (long long)number);
}

/* "5 2018-05-01" */
static const char *row_key(struct scope *s, const struct ledger_part *part, const PGresult *columns,
    const struct db_value *values)
{
    STRBUF(b, 1000);
    char *rest = scope_strdup(s, part->key);
    for (char *name; (name = strsep(&rest, " "));) {
        int at = PQfnumber(columns, name);
        if (b.len)
            strbuf_addch(&b, ' ');
        if (at < 0 || values[at].len < 0)
            strbuf_addch(&b, '?');
        else
            add_key(&b, PQftype(columns, at), &values[at]);
    }
    return strbuf_copy(&b, s);
}

static enum rc take_row(
    struct scope *s, const PGresult *columns, const struct db_value *values, void *arg)
{
    struct digesting *d = arg;
    unsigned char hash[DIGEST_HASH];
    if (!d->rows++)
        choose_columns(s, d, columns);
    strbuf_clear(&d->row);
    for (size_t i = 0; i < d->n; i++)
        add_value(d, &d->columns[i], values);
    if (d->row.overflow)
        return fail(s, RC_INTERNAL, "a row of %s is too long", d->part->table);
    crypto_generichash(hash, sizeof hash, (const unsigned char *)d->row.buf, d->row.len, NULL, 0);
    crypto_generichash_update(&d->all, hash, sizeof hash);
    if (d->marks)
        strbuf_add(d->marks, hash, DIGEST_MARK);
    if (d->each) {
        SCOPE(inner);
        d->each(d->arg, hash, row_key(inner, d->part, columns, values));
    }
    return RC_OK;
}

static const char *base64(struct scope *s, const void *bytes, size_t len)
{
    STRBUF(b, 100);
    sign_base64(&b, bytes, len);
    return strbuf_copy(&b, s);
}

const char *digest_text(struct scope *s, const void *bytes, size_t len)
{
    unsigned char hash[DIGEST_HASH];
    crypto_generichash(hash, sizeof hash, bytes, len, NULL, 0);
    return base64(s, hash, sizeof hash);
}

static json_t *as_json(struct scope *s, struct digesting *d)
{
    unsigned char hash[DIGEST_HASH];
    json_t *columns = json_object();
    for (size_t i = 0; i < d->n; i++) {
        crypto_generichash_final(&d->columns[i].hash, hash, sizeof hash);
        json_object_set_new(columns, d->columns[i].name, json_string(base64(s, hash, COLUMN_HASH)));
    }
    crypto_generichash_final(&d->all, hash, sizeof hash);
    return json_own(
        s, json_pack("{s:s, s:I, s:s, s:o}", "table", d->part->table, "rows", (json_int_t)d->rows,
               "hash", base64(s, hash, sizeof hash), "columns", columns));
}

enum rc digest_part(struct scope *s, struct db *db, const struct ledger_part *part,
    struct params params, const json_t *columns, struct strbuf *marks, digest_row_fn *row,
    void *arg, struct digest *ret)
{
    struct digesting d = {.part = part, .wanted = columns, .marks = marks, .each = row, .arg = arg};
    struct column
        own[COLUMNS_MAX]; /* the hash states are aligned, which a scope does not promise */
    d.columns = own;
    strbuf_init(&d.row, ROW_MAX);
    crypto_generichash_init(&d.all, NULL, 0, DIGEST_HASH);
    enum rc rc = db_copy_out(s, db, part->rows, params, take_row, &d);
    strbuf_release(&d.row);
    if (rc != RC_OK)
        return rc;
    if (marks && marks->overflow)
        return fail(s, RC_INTERNAL, "%s has too many rows for one entry", part->table);
    *ret = (struct digest){.rows = d.rows, .json = as_json(s, &d)};
    return RC_OK;
}
