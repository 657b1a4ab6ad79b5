/* API keys: GET POST /v1/keys, DELETE /v1/keys/{id}. */
#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/list_page.h"
#include "api/access/access.h"

SHAPE_EXTERN(struct listed_key, listed_key_shape, "Key",
    FIELD(INT, id, .required = true, .doc = "Id of the key."),
    FIELD(TEXT, name, .required = true, .doc = "Purpose."),
    FIELD(TEXT, public_id, .required = true,
        .doc = "The part of the key between amends_ and the secret."),
    FIELD(TEXTS, scopes, .required = true, .doc = "Scopes of the key."),
    FIELD(TEXT, owner, .doc = "Login of the person it belongs to; none: nobody."),
    FIELD(
        TEXT, account, .doc = "external_id of the account to which it is bound; none: no account."),
    FIELD(TIME, created_at, .required = true, .doc = "Creation time."),
    FIELD(TIME, expires_at, .doc = "Expiry time."),
    FIELD(TIME, revoked_at, .doc = "Revocation time."),
    FIELD(TIME, last_used_at, .doc = "Time of last use, to the minute."));

const struct shape new_key_shape = SHAPE("KeyCreate", struct new_key,
    FIELD(TEXT, name, .required = true, .min = 1, .max = 200, .doc = "Purpose."),
    FIELD(TEXTS, scopes, .min = 1, .max = 30, .one_of = auth_scopes,
        .doc = "Scopes of the key; admin: all. It has those of them that the roles of its owner "
               "have at the time of each use. Required without an account."),
    FIELD(TEXT, account, .min = 1, .max = 200,
        .doc =
            "external_id of the account to which it is bound: it opens /v1/account and the paths "
            "below it alone, with the scopes account:read, account:claim, or both (default)."),
    FIELD(TEXT, owner, .max = 100,
        .doc = "Login of the person it belongs to; default: you. With a key made for another "
               "person nobody can approve credit runs, and all admins are told."),
    FIELD(TIME, expires_at, .doc = "Expiry time; without one, it never expires."));

struct created_key {
    int64_t id;
    char *key;
};
const struct shape created_key_shape = SHAPE("CreatedKey", struct created_key,
    FIELD(INT, id, .required = true, .doc = "Id of the key."),
    FIELD(TEXT, key, .required = true, .doc = "The key, shown only once."));

STMT(key_all,
    "SELECT k.id, k.name, k.public_id, k.scopes, p.login AS owner, a.external_id AS account, "
    "k.created_at, k.expires_at,"
    "       k.revoked_at, k.last_used_at"
    "  FROM api_key k LEFT JOIN staff p ON p.id = k.staff_id"
    "    LEFT JOIN account a ON a.id = k.account_id"
    " WHERE ($3::text IS NULL OR a.external_id = $3) AND k.secret_sha256 IS NOT NULL AND "
    "($1::bigint = 0 OR k.id < $1)"
    " ORDER BY k.id DESC LIMIT $2",
    .row = &listed_key_shape);
STMT(key_revoke, "UPDATE api_key SET revoked_at = coalesce(revoked_at, now())"
                 " WHERE id = $1 AND secret_sha256 IS NOT NULL");

STMT(key_report, "SELECT amends.staff_record($1, 'staff.key', staff_id,"
                 "   jsonb_build_object('key', public_id, 'scopes', scopes))"
                 "  FROM api_key WHERE id = $2");

struct key_filter {
    struct list_page page;
    const char *account;
};
const struct shape key_filter_shape =
    SHAPE("KeyFilter", struct key_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, account, .min = 1, .max = 200, .doc = "Filter by account (external_id)."));

enum rc key_list(struct call *c)
{
    const struct key_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "keys", &before));
    TRY(db_all(c->s, c->db, &key_all,
        PARAMS(P_INT(before), P_INT(filter->page.limit), P_TEXT(filter->account)), &rows));
    return reply_page(c, "keys", rows, offsetof(struct listed_key, id));
}

static const char *object(struct scope *s, int64_t id)
{
    return scope_printf(s, "api_key:%lld", (long long)id);
}

enum rc key_record(struct scope *s, struct db *db, const char *actor, int64_t id, const char *owner)
{
    if (owner)
        TRY(db_do(s, db, &key_report, PARAMS(P_TEXT(actor), P_INT(id)), NULL));
    return audit_add(s, db, actor, "key.create", object(s, id), NULL);
}

struct key_work {
    struct call *c;
    struct created_key made;
    int64_t id;
};

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    struct key_work *work = arg;
    const struct call *c = work->c;
    struct new_key in = *(const struct new_key *)c->body;
    in.maker = c->key->id;
    TRY(auth_create(s, db, &in, &work->made.id, &work->made.key));
    return key_record(s, db, call_actor(c), work->made.id, in.owner);
}

enum rc key_create(struct call *c)
{
    struct key_work work = {.c = c};
    TRY(db_txn(c->s, c->db, create, &work));
    return reply_object(c, &work.made);
}

static enum rc revoke(struct scope *s, struct db *db, void *arg)
{
    struct key_work *work = arg;
    int64_t n;
    TRY(db_do(s, db, &key_revoke, PARAMS(P_INT(work->id)), &n));
    if (!n)
        return fail(s, RC_NOT_FOUND, "no key %lld", (long long)work->id);
    return audit_add(s, db, call_actor(work->c), "key.revoke", object(s, work->id), NULL);
}

enum rc key_delete(struct call *c)
{
    struct key_work work = {.c = c};
    TRY(call_id(c, 0, &work.id));
    TRY(db_txn(c->s, c->db, revoke, &work));
    auth_forget();
    return reply_nothing(c);
}
