#include "api/access/factor.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "api/access/password.h"
#include "api/call/audit_log.h"
#include "core/json.h"

/* 16 letters of 32, in groups of four: 80 bits. Without i, l, o and u, which look like others or
 * spell words (Crockford's base 32). */
enum { CODE_LETTERS = 16, GROUP = 4 };
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

STMT(factor_step_take, "UPDATE staff SET totp_step = $2 WHERE id = $1 AND totp_step < $2");
STMT(factor_code_take, "UPDATE staff_recovery_code SET used_at = now()"
                       " WHERE staff_id = $1 AND code_hash = $2::bytea AND used_at IS NULL");
STMT(factor_codes_end, "DELETE FROM staff_recovery_code WHERE staff_id = $1");
STMT(factor_code_add,
    "INSERT INTO staff_recovery_code (staff_id, code_hash) VALUES ($1, $2::bytea)");
STMT(factor_codes_count,
    "SELECT count(*) AS id FROM staff_recovery_code WHERE staff_id = $1 AND used_at IS NULL",
    .row = &row_int);

static void hash_of(
    struct call *c, int64_t staff_id, const char *letters, unsigned char ret[SIGN_HASH])
{
    const char *bound = scope_printf(c->s, "%lld %s", (long long)staff_id, letters);
    sign_address_hash(c->api->keys, "recovery code", bound, ret);
}

/* As typed: in any case, with or without dashes and spaces. False if it is no recovery code. */
static bool read_letters(const char *typed, char ret[CODE_LETTERS + 1])
{
    size_t n = 0;
    for (; *typed; typed++) {
        char letter = (char)tolower((unsigned char)*typed);
        if (letter == '-' || letter == ' ')
            continue;
        if (n == CODE_LETTERS || !strchr(alphabet, letter))
            return false;
        ret[n++] = letter;
    }
    ret[n] = '\0';
    return n == CODE_LETTERS;
}

static enum rc take_recovery(
    struct call *c, const struct factor *person, const char *code, bool *ret_good)
{
    char letters[CODE_LETTERS + 1];
    unsigned char hash[SIGN_HASH];
    struct param id = P_INT(person->staff_id);
    int64_t n = 0, left = 0;
    *ret_good = false;
    if (!read_letters(code, letters))
        return RC_OK;
    hash_of(c, person->staff_id, letters, hash);
    TRY(db_do(c->s, c->db, &factor_code_take, PARAMS(id, P_BYTES(hash, SIGN_HASH)), &n));
    if (!n)
        return RC_OK;
    *ret_good = true;
    TRY(factor_codes_left(c, person->staff_id, &left));
    return audit_add(c->s, c->db, scope_printf(c->s, "staff:%s", person->login),
        "staff.recovery_code", scope_printf(c->s, "staff:%lld", (long long)person->staff_id),
        scope_printf(c->s, "{\"left\":%lld}", (long long)left));
}

enum rc factor_take(struct call *c, const struct factor *person, const char *code, bool *ret_good)
{
    size_t len;
    const unsigned char *secret;
    int64_t id = person->staff_id, n = 0;
    *ret_good = !person->totp_secret;
    if (!person->totp_secret)
        return RC_OK;
    TRY(totp_open(c->s, c->api->keys, id, person->totp_secret, &secret, &len));
    int64_t step = totp_step(secret, len, code, person->totp_step);
    if (step <= 0)
        return take_recovery(c, person, code, ret_good);
    TRY(db_do(c->s, c->db, &factor_step_take, PARAMS(P_INT(id), P_INT(step)), &n));
    *ret_good = n;
    return RC_OK;
}

static const char *new_code(struct call *c, int64_t staff_id, unsigned char ret[SIGN_HASH])
{
    char letters[CODE_LETTERS + 1] = "";
    STRBUF(shown, 64);
    for (size_t i = 0; i < CODE_LETTERS; i++) {
        letters[i] = alphabet[randombytes_uniform(sizeof(alphabet) - 1)];
        strbuf_addf(&shown, "%s%c", i && i % GROUP == 0 ? "-" : "", letters[i]);
    }
    hash_of(c, staff_id, letters, ret);
    return strbuf_copy(&shown, c->s);
}

enum rc factor_new_codes(struct call *c, int64_t staff_id, const json_t **ret_codes)
{
    json_t *codes = json_own(c->s, json_array());
    TRY(db_do(c->s, c->db, &factor_codes_end, PARAMS(P_INT(staff_id)), NULL));
    for (int i = 0; i < RECOVERY_CODES; i++) {
        unsigned char hash[SIGN_HASH];
        json_array_append_new(codes, json_string(new_code(c, staff_id, hash)));
        TRY(db_do(c->s, c->db, &factor_code_add, PARAMS(P_INT(staff_id), P_BYTES(hash, SIGN_HASH)),
            NULL));
    }
    *ret_codes = codes;
    return RC_OK;
}

enum rc factor_codes_left(struct call *c, int64_t staff_id, int64_t *ret_n)
{
    return db_one(c->s, c->db, &factor_codes_count, PARAMS(P_INT(staff_id)), ret_n);
}
