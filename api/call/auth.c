#include "api/call/auth.h"

#include <pthread.h>
#include <sodium.h>
#include <string.h>

#include "api/call/roles.h"
#include "core/clock.h"
#include "core/sign.h"
#include "core/db/watch.h"

enum { CACHE = 256, CACHE_US = 5 * 1000 * 1000 };

const char *const auth_scopes[] = {"admin", "components:read", "components:write", "incidents:read",
    "incidents:write", "subscribers:read", "subscribers:write", "subscribers:subscribe",
    "subscribers:secrets", "mail:inbound", "broadcasts:read", "broadcasts:write", "accounts:read",
    "accounts:write", "policies:read", "policies:write", "credit-runs:read", "credit-runs:write",
    "credit-runs:approve", "credits:read", "credits:ack", "credits:write", "notices:write",
    "metrics:read", "account:read", "account:claim", NULL};
/* Scopes of a key of an account, and of no other. */
static const char *const account_scopes[] = {"account:read", "account:claim", NULL};

SHAPE_STATIC(struct key_row, key_row_shape, "KeyRow", FIELD(INT, id),
    FIELD(TEXT, secret_sha256, .secret = true), FIELD(TEXT, scopes, .max = 4000),
    FIELD(TIME, expires_at), FIELD(INT, account), FIELD(BOOL, owned), FIELD(TEXTS, roles));

STMT(api_key_get,
    "SELECT k.id, encode(k.secret_sha256, 'hex') AS secret_sha256,"
    "       ' ' || array_to_string(k.scopes, ' ') || ' ' AS scopes, k.expires_at,"
    "       coalesce(k.account_id, 0) AS account,"
    "       p.id IS NOT NULL AS owned, coalesce(p.roles, '{}') AS roles"
    "  FROM api_key k LEFT JOIN staff p ON p.id = k.staff_id"
    " WHERE k.public_id = $1 AND k.revoked_at IS NULL AND k.secret_sha256 IS NOT NULL"
    "   AND coalesce(k.expires_at, 'infinity') > now() AND p.disabled_at IS NULL",
    .row = &key_row_shape);
STMT(api_key_touch,
    "UPDATE api_key SET last_used_at = now()"
    " WHERE id = $1 AND coalesce(last_used_at, '-infinity') < now() - interval '1 minute'");

struct cached {
    int64_t id, account, until, touched;
    char public_id[40];
    unsigned char sha256[crypto_hash_sha256_BYTES];
    char scopes[1024];
};
static struct cached cache[CACHE];
static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t
    changes; /* counts changes of keys: results read before a change are not cached after it */

static struct cached *slot(const char *public_id)
{
    unsigned hash = 5381;
    for (const char *p = public_id; *p; p++)
        hash = hash * 33 + (unsigned char)*p;
    return &cache[hash % CACHE];
}

/* Split "Bearer amends_<id>_<secret>"; copies the id; the secret points into the text. */
static bool split_key(const char *authorization, char *public_id, size_t cap, const char **secret)
{
    if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
        return false;
    const char *key = authorization + 7;
    key += strspn(key, " ");
    if (strncmp(key, "amends_", 7) != 0 || strlen(key) > 200)
        return false;
    key += 7;
    size_t len = strcspn(key, "_");
    if (!len || len >= cap || !key[len])
        return false;
    memcpy(public_id, key, len);
    public_id[len] = '\0';
    *secret = key + len + 1;
    return **secret;
}

static bool holds(const char *scopes, const char *scope)
{
    size_t len = strlen(scope);
    for (const char *at = scopes; (at = strchr(at, ' ')); at++)
        if (!strncmp(at + 1, scope, len) && at[1 + len] == ' ')
            return true;
    return false;
}

static bool may(const char *scopes, const char *scope)
{
    if (holds(scopes, "admin") || holds(scopes, scope))
        return true;
    return !strcmp(scope, "subscribers:subscribe") && holds(scopes, "subscribers:write");
}

bool auth_may(const struct key *key, const char *scope)
{
    return may(key->scopes, scope);
}

/* A key of a person has no scope that their roles lack now. */
static const char *effective(struct scope *s, const struct key_row *row)
{
    if (!row->owned)
        return row->scopes;
    const char *roles = staff_scopes(s, &row->roles);
    STRBUF(b, 1024);
    strbuf_addch(&b, ' ');
    for (const char *const *scope = auth_scopes; *scope; scope++)
        if (may(row->scopes, *scope) && may(roles, *scope))
            strbuf_addf(&b, "%s ", *scope);
    return strbuf_copy(&b, s);
}

static enum rc load(struct scope *s, struct db *db, const char *public_id, struct cached *ret)
{
    struct key_row row;
    TRY(db_one(s, db, &api_key_get, PARAMS(P_TEXT(public_id)), &row));
    const char *scopes = effective(s, &row);
    *ret = (struct cached){
        .id = row.id, .account = row.account, .until = clock_monotonic() + CACHE_US};
    size_t len;
    if (strlen(public_id) >= sizeof(ret->public_id) || strlen(scopes) >= sizeof(ret->scopes) ||
        sodium_hex2bin(ret->sha256, sizeof(ret->sha256), row.secret_sha256,
            strlen(row.secret_sha256), NULL, &len, NULL) ||
        len != sizeof(ret->sha256))
        return fail(s, RC_INTERNAL, "the stored api_key %s is malformed", public_id);
    strcpy(ret->public_id, public_id);
    strcpy(ret->scopes, scopes);
    return RC_OK;
}

/* From the cache, or from the database through the cache. */
static enum rc find(struct scope *s, struct db *db, const char *public_id, struct cached *ret)
{
    struct cached *at = slot(public_id);
    pthread_mutex_lock(&cache_lock);
    uint64_t before = changes;
    bool hit = !strcmp(at->public_id, public_id) && at->until > clock_monotonic();
    if (hit)
        *ret = *at;
    pthread_mutex_unlock(&cache_lock);
    if (hit)
        return RC_OK;
    TRY(load(s, db, public_id, ret));
    pthread_mutex_lock(&cache_lock);
    if (!strcmp(at->public_id, public_id))
        ret->touched = at->touched;
    if (changes == before)
        *at = *ret;
    pthread_mutex_unlock(&cache_lock);
    return RC_OK;
}

void auth_forget(void)
{
    pthread_mutex_lock(&cache_lock);
    changes++;
    for (size_t i = 0; i < CACHE; i++)
        cache[i].until = 0;
    pthread_mutex_unlock(&cache_lock);
}

static void look(struct scope *s, struct db *db, bool notified, void *arg)
{
    (void)s, (void)db, (void)arg;
    if (notified)
        auth_forget();
}

struct watch *auth_watch(const char *database_url)
{
    static const char *const channels[] = {"api_key_changed", NULL};
    static const struct watching watching = {.channels = channels, .every_ms = 1000, .look = look};
    return watch_start(database_url, "api", &watching, NULL);
}

/* At most once per minute, so that most requests write nothing. A failure here does not fail the
 * call. */
static void touch(struct db *db, const struct cached *found)
{
    int64_t now = clock_monotonic();
    struct cached *at = slot(found->public_id);
    pthread_mutex_lock(&cache_lock);
    bool due = at->id == found->id && (!at->touched || now - at->touched > 60 * CLOCK_SECOND);
    if (due)
        at->touched = now;
    pthread_mutex_unlock(&cache_lock);
    if (!due)
        return;
    SCOPE(s);
    (void)db_do(s, db, &api_key_touch, PARAMS(P_INT(found->id)), NULL);
}

enum rc auth_key(struct scope *s, struct db *db, const char *authorization, const struct key **ret)
{
    char public_id[40];
    const char *secret;
    if (!split_key(authorization, public_id, sizeof(public_id), &secret))
        return fail(s, RC_DENIED, "send `Authorization: Bearer amends_...`");
    struct cached found;
    TRY(IF_NONE(find(s, db, public_id, &found), fail(s, RC_DENIED, "this API key is not valid")));
    unsigned char sha256[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sha256, (const unsigned char *)secret, strlen(secret));
    if (sodium_memcmp(sha256, found.sha256, sizeof(sha256)) != 0)
        return fail(s, RC_DENIED, "this API key is not valid");
    touch(db, &found);
    struct key *key = SCOPE_NEW(s, struct key);
    key->id = found.id;
    key->account = found.account;
    key->public_id = scope_strdup(s, found.public_id);
    key->actor = scope_printf(s, "key:%s", found.public_id);
    key->scopes = scope_strdup(s, found.scopes);
    *ret = key;
    return RC_OK;
}

STMT(api_key_owner, "SELECT id FROM staff WHERE login = $1 AND disabled_at IS NULL",
    .row = &row_int);
STMT(api_key_insert,
    "INSERT INTO api_key (name, public_id, secret_sha256, scopes, expires_at, staff_id,"
    "   made_by, account_id)"
    " VALUES ($1, $2, $3, $4::text[], $5, CASE WHEN $8::bigint IS NULL THEN"
    "   coalesce($7, (SELECT staff_id FROM api_key WHERE id = $6)) END, nullif($6, 0), $8)"
    " RETURNING id",
    .row = &row_int);

STMT(api_key_account, "SELECT id FROM account WHERE external_id = $1", .row = &row_int);

/* The account and the scopes of a new key: one of an account has the account's scopes, all of them
 * by default, and no other key has one of these. */
static enum rc bind_account(struct scope *s, struct db *db, const struct new_key *in, int64_t *ret,
    struct texts *ret_scopes)
{
    *ret = SHAPE_NONE;
    *ret_scopes = in->scopes;
    for (size_t i = 0; i < in->scopes.n; i++)
        if (!shape_one_of(account_scopes, in->scopes.at[i]) != !in->account)
            return fail_field(s, RC_INVALID, scope_printf(s, "scopes[%zu]", i), "%s",
                in->account ? "a key of an account has account:read, account:claim or both"
                            : "only a key of an account has this scope: name the account");
    if (!in->account)
        return in->scopes.n ? RC_OK : fail_field(s, RC_INVALID, "scopes", "is required");
    if (in->owner)
        return fail_field(s, RC_INVALID, "owner", "a key of an account belongs to no person");
    if (!in->scopes.n)
        *ret_scopes = (struct texts){.at = account_scopes, .n = 2};
    return IF_NONE(db_one(s, db, &api_key_account, PARAMS(P_TEXT(in->account)), ret),
        fail_field(s, RC_INVALID, "account", "no account \"%.100s\"", in->account));
}

enum rc auth_create(
    struct scope *s, struct db *db, const struct new_key *in, int64_t *ret_id, char **ret_key)
{
    int64_t owner = 0, account;
    struct texts scopes;
    TRY(bind_account(s, db, in, &account, &scopes));
    if (in->owner)
        TRY(IF_NONE(db_one(s, db, &api_key_owner, PARAMS(P_TEXT(in->owner)), &owner),
            fail_field(s, RC_INVALID, "owner", "is no login of an enabled person")));
    /* The id must not contain an underscore, which ends it. */
    unsigned char bytes[8];
    char public_id[2 * sizeof(bytes) + 1];
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2hex(public_id, sizeof(public_id), bytes, sizeof(bytes));
    char *secret = sign_random(s, 32);
    unsigned char sha256[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(sha256, (const unsigned char *)secret, strlen(secret));
    TRY(db_one(s, db, &api_key_insert,
        PARAMS(P_TEXT(in->name), P_TEXT(public_id), P_BYTES(sha256, sizeof(sha256)),
            P_TEXTS(s, &scopes), P_TIME(in->expires_at), P_INT(in->maker),
            P_INT(in->owner ? owner : SHAPE_NONE), P_INT(account)),
        ret_id));
    *ret_key = scope_printf(s, "amends_%s_%s", public_id, secret);
    return RC_OK;
}
