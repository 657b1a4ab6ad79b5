#include "api/idempotency.h"

#include <sodium.h>
#include <string.h>

#include "core/log.h"

struct stored {
    bool same;
    int64_t status;
    const char *reply;
    const char *content_type;
};
#define SHAPE_STRUCT struct stored
static const struct field stored_fields[] = {
    FIELD(BOOL, same),
    FIELD(INT, status),
    FIELD(RAW, reply),
    FIELD(TEXT, content_type),
};
static const struct shape stored_shape = SHAPE("StoredReply", stored_fields);
#undef SHAPE_STRUCT

STMT(idempotency_claim,
    "INSERT INTO idempotency (api_key_id, key, request_sha256) VALUES ($1, $2, $3)"
    " ON CONFLICT (api_key_id, key) DO NOTHING");
STMT(idempotency_get,
    "SELECT request_sha256 = $3 AS same, status, reply, content_type"
    "  FROM idempotency WHERE api_key_id = $1 AND key = $2",
    .row = &stored_shape);
STMT(idempotency_store, "UPDATE idempotency SET status = $3, reply = $4, content_type = $5"
                        " WHERE api_key_id = $1 AND key = $2");
STMT(idempotency_forget, "DELETE FROM idempotency WHERE api_key_id = $1 AND key = $2");

static bool applies(const struct call *c)
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
    if (stored->status == SHAPE_NONE)
        return fail(c->s, RC_CONFLICT, "the first request with this Idempotency-Key still runs");
    c->reply.status = (int)stored->status;
    c->reply.type = stored->content_type;
    if (stored->reply)
        strbuf_addstr(&c->reply.body, stored->reply);
    reply_header(c, "Idempotent-Replayed", "true");
    return RC_OK;
}

enum rc idempotency_begin(struct call *c, bool *ret_replayed)
{
    if (!applies(c))
        return RC_OK;
    const char *key = c->request->idempotency_key;
    if (!*key || strlen(key) > 255)
        return fail_field(c->s, RC_INVALID, "Idempotency-Key", "must have 1 to 255 characters");
    unsigned char sha256[crypto_hash_sha256_BYTES];
    fingerprint(c->request, sha256);
    struct params params = PARAMS(P_INT(c->key->id), P_TEXT(key), P_BYTES(sha256, sizeof(sha256)));
    int64_t claimed;
    TRY(db_do(c->s, c->db, &idempotency_claim, params, &claimed));
    if (claimed)
        return RC_OK;
    struct stored stored;
    TRY(db_one(c->s, c->db, &idempotency_get, params, &stored));
    TRY(replay(c, &stored));
    *ret_replayed = true;
    return RC_OK;
}

void idempotency_end(struct call *c)
{
    if (!applies(c))
        return;
    SCOPE(s);
    const struct reply *reply = &c->reply;
    struct param id = P_INT(c->key->id), key = P_TEXT(c->request->idempotency_key);
    enum rc rc = reply->status >= 500 ? db_do(s, c->db, &idempotency_forget, PARAMS(id, key), NULL)
                                      : db_do(s, c->db, &idempotency_store,
                                            PARAMS(id, key, P_INT(reply->status),
                                                P_TEXT(reply->body.buf), P_TEXT(reply->type)),
                                            NULL);
    if (rc != RC_OK)
        log_fault("reply not stored for its Idempotency-Key", s);
}
