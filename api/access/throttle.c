#include "api/access/throttle.h"

#include <sodium.h>
#include <string.h>

#include "api/call/session.h"

#define DEVICE_COOKIE "device"

enum {
    DEVICE_FAILURES = 10,
    LOGIN_AND_PEER_FAILURES = 5,
    PEER_FAILURES = 20,
    LOGIN_FAILURES = 30,
    DEVICE_SECONDS = 365 * 24 * 3600,
    DEVICE_ID = 16,
};

SHAPE_STATIC(struct attempts, attempts_shape, "StaffAttempts", FIELD(INT, id), FIELD(INT, device),
    FIELD(INT, both), FIELD(INT, peer), FIELD(INT, login));

/* Counts without the new row, which the statement's snapshot does not have; rows of attempts at the
 * same time are there, since each is committed before its password is hashed. */
STMT(throttle_add,
    "WITH quarter AS (SELECT * FROM staff_attempt WHERE at > now() - interval '15 minutes'),"
    " added AS (INSERT INTO staff_attempt (login_hash, peer_hash, device_hash)"
    "   VALUES ($1::bytea, $2::bytea, $3::bytea) RETURNING id)"
    " SELECT (SELECT id FROM added) AS id,"
    "   (SELECT count(*) FROM quarter WHERE device_hash = $3::bytea) AS device,"
    "   (SELECT count(*) FROM quarter WHERE login_hash = $1::bytea AND peer_hash = $2::bytea"
    "      AND device_hash IS NULL) AS both,"
    "   (SELECT count(*) FROM quarter WHERE peer_hash = $2::bytea AND device_hash IS NULL) AS peer,"
    "   (SELECT count(*) FROM staff_attempt WHERE login_hash = $1::bytea"
    "      AND device_hash IS NULL AND at > now() - interval '1 hour') AS login",
    .row = &attempts_shape);
/* A refused attempt does not prolong the wait. */
STMT(throttle_take_back, "DELETE FROM staff_attempt WHERE id = $1");
STMT(throttle_end, "DELETE FROM staff_attempt WHERE id = $1 OR device_hash = $4::bytea"
                   "   OR ($4::bytea IS NULL AND device_hash IS NULL AND login_hash = $2::bytea"
                   "     AND peer_hash = $3::bytea)");

static void mac_of(struct call *c, const char *login, const char *id, unsigned char ret[SIGN_HASH])
{
    sign_address_hash(c->api->keys, "device", scope_printf(c->s, "%s %s", id, login), ret);
}

/* ID.MAC in base64url, neither of which has a dot. */
static const char *cookie_of(struct call *c, const char *login, const char *id)
{
    unsigned char mac[SIGN_HASH];
    STRBUF(b, 128);
    mac_of(c, login, id, mac);
    strbuf_addf(&b, "%s.", id);
    sign_base64url(&b, mac, sizeof(mac));
    return strbuf_copy(&b, c->s);
}

static bool knows(struct call *c, const char *login, unsigned char ret[SIGN_HASH])
{
    const char *cookie = session_token(c, DEVICE_COOKIE);
    size_t len = strlen(cookie), id = strcspn(cookie, ".");
    if (!id || id == len || len > 128)
        return false;
    const char *want = cookie_of(c, login, scope_strndup(c->s, cookie, id));
    if (strlen(want) != len || sodium_memcmp(want, cookie, len) != 0)
        return false;
    sign_address_hash(c->api->keys, "device cookie", cookie, ret);
    return true;
}

static struct param device_of(const struct throttle *attempt)
{
    return param_bytes(attempt->known ? attempt->device : NULL, SIGN_HASH);
}

enum rc throttle_begin(struct call *c, const char *login, struct throttle *ret, bool *ret_often)
{
    struct attempts failed;
    sign_address_hash(c->api->keys, "login", login, ret->login);
    sign_address_hash(c->api->keys, "peer", c->request->network, ret->peer);
    ret->known = knows(c, login, ret->device);
    TRY(db_one(c->s, c->db, &throttle_add,
        PARAMS(P_BYTES(ret->login, SIGN_HASH), P_BYTES(ret->peer, SIGN_HASH), device_of(ret)),
        &failed));
    ret->id = failed.id;
    *ret_often = ret->known ? failed.device >= DEVICE_FAILURES
                            : failed.both >= LOGIN_AND_PEER_FAILURES ||
                                  failed.peer >= PEER_FAILURES || failed.login >= LOGIN_FAILURES;
    return *ret_often ? db_do(c->s, c->db, &throttle_take_back, PARAMS(P_INT(ret->id)), NULL)
                      : RC_OK;
}

enum rc throttle_forget(struct call *c, const struct throttle *attempt)
{
    return db_do(c->s, c->db, &throttle_end,
        PARAMS(P_INT(attempt->id), P_BYTES(attempt->login, SIGN_HASH),
            P_BYTES(attempt->peer, SIGN_HASH), device_of(attempt)),
        NULL);
}

void throttle_know(struct call *c, const char *login)
{
    session_set(
        c, DEVICE_COOKIE, cookie_of(c, login, sign_random(c->s, DEVICE_ID)), DEVICE_SECONDS);
}
