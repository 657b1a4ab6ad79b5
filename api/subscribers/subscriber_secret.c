/* POST /v1/subscribers/{id}/rotate-secret; and the signing keys of webhooks (Standard Webhooks
 * 1.0). */
#include <sodium.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/subscribers/subscribers.h"
#include "api/subscribers/subscriber.h"
#include "core/clock.h"

enum { SECRET_BYTES = 24, TEXT_MAX = 256, OVERLAP_SECONDS = 24 * 3600 };

#define PUBLIC "whpk_"
#define PRIVATE "whsk_"

struct sealed_secret {
    const char *channel;
    const char *sealed; /* hex, or NULL */
};
static const struct shape sealed_secret_shape =
    SHAPE("SealedSecret", struct sealed_secret, FIELD(TEXT, channel), FIELD(TEXT, sealed));

STMT(secret_read,
    "SELECT channel::text, encode(secret_sealed, 'hex') AS sealed FROM subscriber WHERE id = $1"
    " FOR UPDATE",
    .row = &sealed_secret_shape);
STMT(secret_write,
    "UPDATE subscriber SET secret_sealed = decode($2, 'hex'), changed_at = now() WHERE id = $1");

char *subscriber_secret(struct scope *s)
{
    unsigned char bytes[SECRET_BYTES];
    STRBUF(b, TEXT_MAX);
    randombytes_buf(bytes, sizeof(bytes));
    strbuf_addstr(&b, "whsec_");
    sign_base64(&b, bytes, sizeof(bytes));
    return strbuf_copy(&b, s);
}

char *subscriber_keypair(struct scope *s, char **ret_public)
{
    unsigned char open[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    STRBUF(b, TEXT_MAX);
    crypto_sign_keypair(open, secret);
    strbuf_addstr(&b, PUBLIC);
    sign_base64(&b, open, sizeof(open));
    *ret_public = strbuf_copy(&b, s);
    strbuf_clear(&b);
    strbuf_addstr(&b, PRIVATE);
    sign_base64(&b, secret, sizeof(secret));
    sodium_memzero(secret, sizeof(secret));
    return strbuf_copy(&b, s);
}

struct rotation {
    const struct call *c;
    int64_t id;
    char *shown;
};

/* The current secret stays valid for a day; the one before it ends. */
static enum rc overlap(
    struct scope *s, const struct api *api, int64_t id, const char *hex, char **ret_current)
{
    size_t len = strlen(hex) / 2, got = 0;
    unsigned char *sealed = scope_alloc(s, len + 1);
    sodium_hex2bin(sealed, len, hex, 2 * len, NULL, &got, NULL);
    char *aad = scope_printf(s, "subscriber:secret:%lld", (long long)id);
    TRY(sign_open(s, api->keys, aad, sealed, got, ret_current));
    (*ret_current)[strcspn(*ret_current, " @")] = '\0';
    return RC_OK;
}

static enum rc current_of(
    struct scope *s, struct db *db, const struct api *api, int64_t id, char **ret)
{
    struct sealed_secret row;
    TRY(db_one(s, db, &secret_read, PARAMS(P_INT(id)), &row));
    if (strcmp(row.channel, "webhook") != 0 || !row.sealed)
        return fail(s, RC_CONFLICT, "only a webhook has a signing secret");
    return overlap(s, api, id, row.sealed, ret);
}

static bool is_asymmetric(const char *secret)
{
    return !strncmp(secret, PRIVATE, strlen(PRIVATE));
}

/* shown: the secret or public key for the owner, in the call's scope. */
static enum rc renew(struct scope *s, struct db *db, const struct call *c, int64_t id,
    const char *current, bool asymmetric, char **ret_shown)
{
    char *fresh =
        asymmetric ? subscriber_keypair(c->s, ret_shown) : (*ret_shown = subscriber_secret(c->s));
    long long until = clock_now() / CLOCK_SECOND + OVERLAP_SECONDS;
    char *both = scope_printf(s, "%s %s@%lld", fresh, current, until);
    TRY(db_do(s, db, &secret_write,
        PARAMS(P_INT(id), P_TEXT(address_seal(s, c->api, "secret", id, both))), NULL));
    const char *actor = c->key ? call_actor(c) : "reader";
    return audit_add(
        s, db, actor, "subscriber.rotate", scope_printf(s, "%lld", (long long)id), NULL);
}

static enum rc rotate(struct scope *s, struct db *db, void *arg)
{
    struct rotation *rotation = arg;
    char *current = NULL;
    TRY(current_of(s, db, rotation->c->api, rotation->id, &current));
    return renew(
        s, db, rotation->c, rotation->id, current, is_asymmetric(current), &rotation->shown);
}

enum rc subscriber_sign_by(struct scope *s, struct db *db, const struct call *c, int64_t id,
    const char *signing, char **ret_shown)
{
    char *current = NULL;
    bool asymmetric = !strcmp(signing, "v1a");
    TRY(current_of(s, db, c->api, id, &current));
    if (asymmetric == is_asymmetric(current))
        return RC_OK;
    return renew(s, db, c, id, current, asymmetric, ret_shown);
}

static enum rc public_of(struct scope *s, const char *keypair, const char **ret)
{
    unsigned char secret[crypto_sign_SECRETKEYBYTES], open[crypto_sign_PUBLICKEYBYTES];
    size_t len = 0;
    const char *text = keypair + strlen(PRIVATE);
    if (sodium_base642bin(secret, sizeof(secret), text, strlen(text), NULL, &len, NULL,
            sodium_base64_VARIANT_ORIGINAL) ||
        len != sizeof(secret))
        return fail(s, RC_INTERNAL, "a signing key is malformed");
    crypto_sign_ed25519_sk_to_pk(open, secret);
    sodium_memzero(secret, sizeof(secret));
    STRBUF(b, TEXT_MAX);
    strbuf_addstr(&b, PUBLIC);
    sign_base64(&b, open, sizeof(open));
    *ret = strbuf_copy(&b, s);
    return RC_OK;
}

enum rc subscriber_secret_shown(
    struct scope *s, struct db *db, const struct api *api, int64_t id, const char **ret)
{
    char *secret = NULL;
    TRY(current_of(s, db, api, id, &secret));
    if (is_asymmetric(secret))
        return public_of(s, secret, ret);
    *ret = secret;
    return RC_OK;
}

enum rc subscriber_secret_rotate(struct call *c, int64_t id, char **ret_shown)
{
    struct rotation rotation = {.c = c, .id = id};
    TRY(db_txn(c->s, c->db, rotate, &rotation));
    *ret_shown = rotation.shown;
    return RC_OK;
}

enum rc subscriber_rotate(struct call *c)
{
    int64_t id;
    char *shown = NULL;
    struct subscriber row;
    TRY(call_id(c, 0, &id));
    TRY(subscriber_read(c->s, c->db, id, &row));
    TRY(subscriber_secret_rotate(c, id, &shown));
    TRY(subscriber_read(c->s, c->db, id, &row));
    row.secret = shown;
    return reply_object(c, &row);
}
