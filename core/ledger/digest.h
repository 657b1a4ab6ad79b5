#pragma once
/*
 * The digest of the rows of a part: a hash of the hashes of all, a short hash of each column, and a
 * mark (four bytes of its hash) of each row. The hash proves; columns and marks only find what
 * changed. Rows stream through, so a million of them take constant memory but for four bytes each.
 *
 * A value counts in PostgreSQL's binary form (db_copy_out.h), so a change of a column's type, which
 * changes that form, has to pin the rows anew.
 */
#include <jansson.h>

#include "core/ledger/part.h"
#include "core/strbuf.h"

enum { DIGEST_HASH = 32, DIGEST_MARK = 4, DIGEST_MARKS_MAX = 512 * 1024 * 1024 };

struct digest {
    int64_t rows;
    json_t *json; /* {table, rows, hash, columns: {name: short hash}}; owned by the scope */
};

/* Called with the mark and the name of each row. */
typedef void digest_row_fn(void *arg, const unsigned char mark[DIGEST_MARK], const char *key);

/* columns: an object with the columns to digest and their order, or NULL: those of the result that
 * part does not leave out. marks (may be NULL): appended to. row may be NULL. A column of columns
 * that the table lacks counts as null in every row. */
enum rc digest_part(struct scope *s, struct db *db, const struct ledger_part *part,
    struct params params, const json_t *columns, struct strbuf *marks, digest_row_fn *row,
    void *arg, struct digest *ret);

/* BLAKE2b-256 of bytes, as base64 in s. */
const char *digest_text(struct scope *s, const void *bytes, size_t len);
