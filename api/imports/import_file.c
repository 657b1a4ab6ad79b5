#include "api/imports/import_file.h"

#include <inttypes.h>

#include "core/sign.h"

enum { PIECE = 256 * 1024, PIECE_HEX = 2 * (PIECE + 64) };

SHAPE_STATIC(struct import_piece, import_piece_shape, "ImportPiece", FIELD(INT, octets),
    FIELD(TEXT, sealed, .max = PIECE_HEX));

STMT(import_piece_add, "INSERT INTO import_file (import_id, piece, octets, sealed)"
                       " VALUES ($1, $2::bigint, $3::bigint, $4::bytea)");
STMT(import_piece_get,
    "SELECT octets, encode(sealed, 'hex') AS sealed FROM import_file"
    " WHERE import_id = $1 AND piece = $2::bigint AND kept_at > now() - interval '1 day'",
    .row = &import_piece_shape);

static const char *aad_of(struct scope *s, int64_t import_id, int64_t piece)
{
    return scope_printf(s, "import_file:%" PRId64 ":%" PRId64, import_id, piece);
}

static enum rc keep_piece(struct scope *s, struct db *db, const struct api *api, int64_t import_id,
    int64_t piece, const char *bytes, size_t len)
{
    SCOPE(inner);
    unsigned char *sealed;
    size_t size;
    sign_seal(inner, api->keys, aad_of(inner, import_id, piece), bytes, len, &sealed, &size);
    enum rc rc = db_do(inner, db, &import_piece_add,
        PARAMS(P_INT(import_id), P_INT(piece), P_INT((int64_t)len), P_BYTES(sealed, size)), NULL);
    return rc == RC_OK ? RC_OK : fail_from(s, inner);
}

enum rc import_file_keep(
    struct scope *s, struct db *db, const struct api *api, int64_t import_id, FILE *in)
{
    char *bytes = scope_alloc(s, PIECE);
    size_t len;
    rewind(in);
    for (int64_t piece = 0; (len = fread(bytes, 1, PIECE, in)) > 0; piece++)
        TRY(keep_piece(s, db, api, import_id, piece, bytes, len));
    return ferror(in) ? fail(s, RC_RETRY, "the file cannot be read: %m") : RC_OK;
}

static enum rc copy_piece(struct scope *s, struct db *db, const struct api *api, int64_t import_id,
    int64_t piece, FILE *out)
{
    struct import_piece row;
    char *text;
    TRY(db_one(s, db, &import_piece_get, PARAMS(P_INT(import_id), P_INT(piece)), &row));
    TRY(sign_open_hex(s, api->keys, aad_of(s, import_id, piece), row.sealed, &text));
    if (fwrite(text, 1, (size_t)row.octets, out) != (size_t)row.octets)
        return fail(s, RC_RETRY, "the file cannot be stored: %m");
    return RC_OK;
}

enum rc import_file_open(
    struct scope *s, struct db *db, const struct api *api, int64_t import_id, FILE **ret)
{
    CLEANUP(file_close) FILE *out = tmpfile();
    if (!out)
        return fail(s, RC_RETRY, "no temporary file for the lines: %m");
    int64_t piece = 0;
    for (;; piece++) {
        SCOPE(inner);
        enum rc rc = copy_piece(inner, db, api, import_id, piece, out);
        if (rc == RC_NOT_FOUND)
            break;
        if (rc != RC_OK)
            return fail_from(s, inner);
    }
    if (!piece)
        return fail(s, RC_CONFLICT,
            "the lines of import %" PRId64 " are not kept: it is no dry run with keep=true, older "
            "than a day, or was applied",
            import_id);
    rewind(out);
    *ret = TAKE(out);
    return RC_OK;
}
