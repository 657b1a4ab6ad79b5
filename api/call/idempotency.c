#include "api/call/idempotency.h"

#include <sodium.h>
#include <string.h>

#include "core/log.h"

SHAPE_STATIC(struct stored, stored_shape, "StoredReply", FIELD(BOOL, same), FIELD(INT, status),
    FIELD(RAW, reply), FIELD(TEXT, content_type));

STMT(idempotency_lock, "SELECT pg_try_advisory_xact_lock(hashtextextended($2, $1)) AS taken",
    .row = &row_bool);
STMT(idempotency_get,
    "SELECT request_sha256 = $3 AS same, status, reply, content_type"
    "  FROM idempotency WHERE api_key_id = $1 AND key = $2",
    .row = &stored_shape);
STMT(idempotency_store,
    "INSERT INTO idempotency (api_key_id, key, request_sha256, status, reply, content_type)"
    " VALUES ($1, $2, $3, $4, $5, $6)");
STMT(idempotency_replace, "UPDATE idempotency SET status = $3, reply = $4, content_type = $5"
                          " WHERE api_key_id = $1 AND key = $2");

bool idempotency_applies(const struct call *c)
{
    return c->route->replayable && c->key && c->request->idempotency_key;
}

static void fingerprint(const struct request *r, unsigned char ret[crypto_hash_sha256_BYTES])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)r->verb, strlen(r->verb) + 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)r->target, strlen(r->target) + 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)(r->len ? r->body : ""), r->len);
    crypto_hash_sha256_final(&state, ret);
}

static enum rc replay(struct call *c, const struct stored *stored)
{
    if (!stored->same)
        return fail_field(c->s, RC_INVALID, "Idempotency-Key", "was used for another request");
    c->reply.status = (int)stored->status;
    c->reply.type = stored->content_type;
    if (stored->reply)
        strbuf_addstr(&c->reply.body, stored->reply);
    reply_header(c, "Idempotent-Replayed", "true");
    return RC_OK;
}

struct attempt {
    struct call *c;
    enum rc (*run)(struct call *c);
    size_t n_headers; /* before the handler */
    bool replayed;
};

static enum rc run_handler(struct scope *s, struct db *db, void *arg)
{
    (void)s, (void)db;
    const struct attempt *attempt = arg;
    strbuf_clear(&attempt->c->reply.body);
    attempt->c->reply.n_headers = attempt->n_headers;
    return attempt->run(attempt->c);
}

static bool is_refusal(const struct call *c, enum rc rc)
{
    return (c->refusal ? c->refusal : rc_http_status(rc)) < 500;
}

/* A refusal is kept like any reply, but its changes are rolled back. */
static enum rc act_once(struct scope *s, struct db *db, struct attempt *attempt)
{
    struct call *c = attempt->c;
    enum rc rc = db_txn(s, db, run_handler, attempt);
    if (rc != RC_OK && !is_refusal(c, rc))
        return rc;
    if (rc != RC_OK)
        reply_problem(c, rc);
    return RC_OK;
}

static enum rc attempt_in_txn(struct scope *s, struct db *db, void *arg)
{
    struct attempt *attempt = arg;
    struct call *c = attempt->c;
    unsigned char sha256[crypto_hash_sha256_BYTES];
    fingerprint(c->request, sha256);
    const struct reply *reply = &c->reply;
    struct param id = P_INT(c->key->id), key = P_TEXT(c->request->idempotency_key);
    struct param hash = P_BYTES(sha256, sizeof(sha256));
    bool taken;
    struct stored stored;
    TRY(db_one(s, db, &idempotency_lock, PARAMS(id, key), &taken));
    enum rc rc = db_one(s, db, &idempotency_get, PARAMS(id, key, hash), &stored);
    attempt->replayed = rc == RC_OK;
    if (rc != RC_NOT_FOUND)
        return rc == RC_OK ? replay(c, &stored) : rc;
    if (!taken)
        return fail(s, RC_CONFLICT, "the first request with this Idempotency-Key is still running");
    TRY(act_once(s, db, attempt));
    return db_do(s, db, &idempotency_store,
        PARAMS(id, key, hash, P_INT(reply->status), P_TEXT(reply->body.buf), P_TEXT(reply->type)),
        NULL);
}

static bool is_key(const char *key)
{
    size_t len = strlen(key);
    for (const char *c = key; *c; c++)
        if (*c < '!' || *c > '~')
            return false;
    return len >= 1 && len <= 255;
}

enum rc idempotency_run(struct call *c, enum rc (*run)(struct call *c), bool *ret_replayed)
{
    struct attempt attempt = {.c = c, .run = run, .n_headers = c->reply.n_headers};
    if (!is_key(c->request->idempotency_key))
        return fail_field(
            c->s, RC_INVALID, "Idempotency-Key", "must be 1 to 255 visible ASCII characters");
    TRY(db_txn(c->s, c->db, attempt_in_txn, &attempt));
    *ret_replayed = attempt.replayed;
    return RC_OK;
}

void idempotency_keep(struct call *c)
{
    SCOPE(s);
    const struct reply *reply = &c->reply;
    if (db_do(s, c->db, &idempotency_replace,
            PARAMS(P_INT(c->key->id), P_TEXT(c->request->idempotency_key), P_INT(reply->status),
                P_TEXT(reply->body.buf), P_TEXT(reply->type)),
            NULL) != RC_OK)
        log_fault("the final reply was not stored for its Idempotency-Key", s);
}
