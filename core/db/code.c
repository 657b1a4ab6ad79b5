#include "core/db/code.h"

#include <sodium.h>
#include <string.h>

#include "core/db/script.h"

static const char table_sql[] =
    "create table if not exists schema_code ("
    " id integer generated always as identity primary key, sha256 bytea not null,"
    " at timestamptz not null default now())";

static const struct shape seen_shape = SHAPE("CodeSeen", struct code_seen,
    FIELD(BOOL, newest, .required = true), FIELD(BOOL, known, .required = true));

/* A migration may have dropped the schema. */
STMT(code_seen,
    "SELECT coalesce((SELECT sha256 = $1 FROM schema_code ORDER BY id DESC LIMIT 1)"
    "   AND to_regnamespace('amends') IS NOT NULL, false) AS newest,"
    " EXISTS (SELECT FROM schema_code WHERE sha256 = $1) AS known",
    .row = &seen_shape);
STMT(code_record, "INSERT INTO schema_code (sha256) VALUES ($1)");

static bool is_code(const struct embed *file)
{
    return strstr(file->path, "/sql/");
}

/* Hashes paths and texts, each with its final NUL. */
static struct param own_hash(unsigned char hash[static crypto_hash_sha256_BYTES])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < embed_count; i++) {
        const struct embed *file = &embed_files[i];
        if (!is_code(file))
            continue;
        crypto_hash_sha256_update(
            &state, (const unsigned char *)file->path, strlen(file->path) + 1);
        crypto_hash_sha256_update(&state, (const unsigned char *)file->text, file->len + 1);
    }
    crypto_hash_sha256_final(&state, hash);
    return P_BYTES(hash, crypto_hash_sha256_BYTES);
}

enum rc code_look(struct scope *s, struct db *db, struct code_seen *ret)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    return db_one(s, db, &code_seen, PARAMS(own_hash(hash)), ret);
}

enum rc code_install(struct scope *s, struct db *db)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    struct code_seen seen;
    TRY(script_run(s, db, table_sql));
    TRY(code_look(s, db, &seen));
    if (seen.newest)
        return RC_OK;
    TRY(script_run(s, db, "drop schema if exists amends cascade; create schema amends"));
    for (size_t i = 0; i < embed_count; i++)
        if (is_code(&embed_files[i]))
            TRY(script_file(s, db, &embed_files[i]));
    return db_do(s, db, &code_record, PARAMS(own_hash(hash)), NULL);
}
