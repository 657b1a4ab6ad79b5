#include "core/ledger/entry.h"

#include <stdlib.h>
#include <string.h>

SHAPE_STATIC(struct entry_row, entry_row_shape, "LedgerEntryRow", FIELD(INT, seq, .required = true),
    FIELD(TIME, at, .required = true), FIELD(TEXT, kind, .required = true), FIELD(INT, object),
    FIELD(TEXT, ids, .required = true), FIELD(INT, audit_seq, .required = true),
    FIELD(TEXT, body, .required = true), FIELD(TEXT, marks, .required = true),
    FIELD(TEXT, prev, .required = true), FIELD(TEXT, hash, .required = true),
    FIELD(TEXT, signer, .required = true), FIELD(TEXT, signature, .required = true));

#define ENTRY_SELECT(marks) \
    "SELECT seq, at, kind, object, array_to_string(ids, ',') AS ids, audit_seq, body," \
    " " marks " AS marks, encode(prev, 'hex') AS prev, encode(hash, 'hex') AS hash," \
    " encode(signer, 'hex') AS signer, encode(signature, 'hex') AS signature FROM ledger_chain "
STMT(entry_newest, ENTRY_SELECT("''") "ORDER BY seq DESC LIMIT 1", .row = &entry_row_shape);
STMT(entry_one, ENTRY_SELECT("encode(marks, 'hex')") "WHERE seq = $1", .row = &entry_row_shape);
STMT(entry_of, ENTRY_SELECT("encode(marks, 'hex')") "WHERE kind = $1 AND object = $2",
    .row = &entry_row_shape);
STMT(entry_add,
    "INSERT INTO ledger_chain (seq, at, kind, object, ids, audit_seq, body, marks, prev, hash,"
    "   signer, signature)"
    " VALUES ($1, $2, $3, $4, string_to_array($5, ',')::bigint[], $6, $7, $8, $9, $10, $11, $12)");

static void hash_add(crypto_generichash_state *state, const char *name, const void *bytes, size_t n)
{
    SCOPE(s);
    const char *head = scope_printf(s, "%s %zu\n", name, n);
    crypto_generichash_update(state, (const unsigned char *)head, strlen(head));
    crypto_generichash_update(state, bytes, n);
}

static void hash_text(crypto_generichash_state *state, const char *name, const char *text)
{
    hash_add(state, name, text, strlen(text));
}

void entry_hash(const struct entry *entry, unsigned char ret[ENTRY_HASH])
{
    SCOPE(s);
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, ENTRY_HASH);
    hash_text(&state, "amends ledger entry",
        scope_printf(s, "%lld %lld %lld %lld", (long long)entry->seq, (long long)entry->at,
            (long long)(entry->object == SHAPE_NONE ? -1 : entry->object),
            (long long)entry->audit_seq));
    hash_text(&state, "kind", entry->kind);
    hash_text(&state, "ids", entry->ids);
    hash_text(&state, "body", entry->body);
    hash_add(&state, "marks", entry->marks, entry->marks_len);
    hash_add(&state, "prev", entry->prev, ENTRY_HASH);
    crypto_generichash_final(&state, ret, ENTRY_HASH);
}

void entry_checkpoint(struct strbuf *b, int64_t seq, const unsigned char hash[ENTRY_HASH])
{
    strbuf_addf(b, "amends ledger\n%lld\n", (long long)seq);
    sign_base64(b, hash, ENTRY_HASH);
    strbuf_addch(b, '\n');
}

void entry_sign(struct entry *entry, const struct sign *keys)
{
    STRBUF(text, 200);
    entry_checkpoint(&text, entry->seq, entry->hash);
    sign_statement(keys, text.buf, text.len, entry->signature, entry->signer);
}

bool entry_is_signed(const struct entry *entry)
{
    STRBUF(text, 200);
    entry_checkpoint(&text, entry->seq, entry->hash);
    return sign_statement_is_by(entry->signer, entry->signature, text.buf, text.len);
}

enum rc entry_insert(struct scope *s, struct db *db, const struct entry *entry)
{
    return db_do(s, db, &entry_add,
        PARAMS(P_INT(entry->seq), P_TIME(entry->at), P_TEXT(entry->kind), P_INT(entry->object),
            P_TEXT(entry->ids), P_INT(entry->audit_seq), P_TEXT(entry->body),
            P_BYTES(entry->marks, entry->marks_len), P_BYTES(entry->prev, ENTRY_HASH),
            P_BYTES(entry->hash, ENTRY_HASH), P_BYTES(entry->signer, SIGN_PUBLIC),
            P_BYTES(entry->signature, SIGN_SIGNATURE)),
        NULL);
}

/* A value of another length is wrong, and so is the hash of the zeroes that stand for it. */
static void read_fixed(const char *hex, unsigned char *ret, size_t len)
{
    size_t n = 0;
    memset(ret, 0, len);
    if (sodium_hex2bin(ret, len, hex, strlen(hex), NULL, &n, NULL) != 0 || n != len)
        memset(ret, 0, len);
}

static struct entry of_row(struct scope *s, const struct entry_row *row)
{
    struct entry entry = {.seq = row->seq,
        .at = row->at,
        .kind = row->kind,
        .object = row->object,
        .ids = row->ids,
        .audit_seq = row->audit_seq,
        .body = row->body,
        .marks_len = strlen(row->marks) / 2};
    unsigned char *marks = scope_alloc(s, entry.marks_len + 1);
    read_fixed(row->marks, marks, entry.marks_len);
    entry.marks = marks;
    read_fixed(row->prev, entry.prev, ENTRY_HASH);
    read_fixed(row->hash, entry.hash, ENTRY_HASH);
    read_fixed(row->signer, entry.signer, SIGN_PUBLIC);
    read_fixed(row->signature, entry.signature, SIGN_SIGNATURE);
    return entry;
}

static enum rc read(struct scope *s, struct db *db, const struct stmt *stmt, struct params params,
    struct entry *ret)
{
    struct entry_row row;
    TRY(db_one(s, db, stmt, params, &row));
    *ret = of_row(s, &row);
    return RC_OK;
}

enum rc entry_head(struct scope *s, struct db *db, struct entry *ret)
{
    return read(s, db, &entry_newest, NO_PARAMS, ret);
}

enum rc entry_get(struct scope *s, struct db *db, int64_t seq, struct entry *ret)
{
    return read(s, db, &entry_one, PARAMS(P_INT(seq)), ret);
}

enum rc entry_find(
    struct scope *s, struct db *db, const char *kind, int64_t object, struct entry *ret)
{
    return read(s, db, &entry_of, PARAMS(P_TEXT(kind), P_INT(object)), ret);
}
