#include "api/signatures/hook_source.h"

#include <string.h>

#include "api/call/audit_log.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/sign.h"

enum { MINUTE = 60 };

struct hook_source_kind {
    const char *table, *noun;
    const struct stmt *holder, *lock, *renew, *rename, *drop;
};

SHAPE_STATIC(
    struct holder, holder_shape, "HookSourceHolder", FIELD(TEXT, name), FIELD(BOOL, former));
struct locked {
    int64_t id;
    struct hook_sealed sealed;
    struct texts former_names;
};
static const struct shape locked_shape = SHAPE("HookSourceLocked", struct locked, FIELD(INT, id),
    FIELD_AS(TEXT, "secret", sealed.current, .secret = true),
    FIELD_AS(TEXT, "previous", sealed.previous, .secret = true), FIELD(TEXTS, former_names));

#define HOLDER(table, is_live) \
    "SELECT name, name <> $1 AS former FROM " table \
    " WHERE (name = $1 OR $1 = ANY (former_names)) AND " is_live " ORDER BY 2 LIMIT 1"
#define LOCK(table, is_live) \
    "SELECT id, encode(secret, 'hex') AS secret," \
    "   CASE WHEN previous_until > now() THEN encode(previous_secret, 'hex') END AS previous," \
    "   former_names FROM " table " WHERE name = $1 AND " is_live " FOR UPDATE"
#define RENEW(table) \
    "UPDATE " table " SET" \
    "   previous_secret = CASE WHEN $3::bigint > 0 THEN secret END," \
    "   previous_until = CASE WHEN $3::bigint > 0 THEN now() + make_interval(mins => $3::int) " \
    "END," \
    "   secret = $2 WHERE id = $1"
#define RENAME(table) \
    "UPDATE " table " SET name = $2, former_names = coalesce($3::text[], '{}'), secret = $4," \
    "   previous_secret = $5 WHERE id = $1"

STMT(alert_source_holder, HOLDER("alert_source", "archived_at IS NULL"), .row = &holder_shape);
STMT(alert_source_lock, LOCK("alert_source", "archived_at IS NULL"), .row = &locked_shape);
STMT(alert_source_renew, RENEW("alert_source"));
STMT(alert_source_rename, RENAME("alert_source"));
STMT(alert_source_drop, "SELECT amends.alert_source_end($1)", .row = &row_bool);
const struct hook_source_kind hook_alert_source = {.table = "alert_source",
    .noun = "alert source",
    .holder = &alert_source_holder,
    .lock = &alert_source_lock,
    .renew = &alert_source_renew,
    .rename = &alert_source_rename,
    .drop = &alert_source_drop};

STMT(measurement_source_holder, HOLDER("measurement_source", "true"), .row = &holder_shape);
STMT(measurement_source_lock, LOCK("measurement_source", "true"), .row = &locked_shape);
STMT(measurement_source_renew, RENEW("measurement_source"));
STMT(measurement_source_rename, RENAME("measurement_source"));
STMT(measurement_source_drop,
    "WITH gone AS (DELETE FROM measurement_source WHERE name = $1 RETURNING 1)"
    " SELECT EXISTS (SELECT FROM gone)",
    .row = &row_bool);
const struct hook_source_kind hook_measurement_source = {.table = "measurement_source",
    .noun = "measurement source",
    .holder = &measurement_source_holder,
    .lock = &measurement_source_lock,
    .renew = &measurement_source_renew,
    .rename = &measurement_source_rename,
    .drop = &measurement_source_drop};

enum rc hook_source_name_check(struct scope *s, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    if (strspn(name, letters) == strlen(name) && !strchr("-_", name[0]) &&
        !strchr("-_", name[strlen(name) - 1]))
        return RC_OK;
    return fail_field(s, RC_INVALID, "name",
        "must be lower-case letters, digits, - and _, with a letter or digit at both ends");
}

enum rc hook_source_name_free(
    struct scope *s, struct db *db, const struct hook_source_kind *kind, const char *name)
{
    struct holder holder;
    enum rc rc = db_one(s, db, kind->holder, PARAMS(P_TEXT(name)), &holder);
    if (rc == RC_NOT_FOUND)
        return RC_OK;
    TRY(rc);
    return holder.former ? fail_field(s, RC_CONFLICT, "name",
                               "source \"%s\" had this name, and its URL still works: remove it "
                               "from former_names "
                               "there",
                               holder.name)
                         : fail_field(s, RC_CONFLICT, "name", "source \"%s\" exists already", name);
}

enum rc hook_source_none(struct scope *s, const struct hook_source_kind *kind, const char *name)
{
    return fail(s, RC_NOT_FOUND, "no %s \"%.64s\"", kind->noun, name);
}

static const char *bound_to(struct scope *s, const struct hook_source_kind *kind, const char *name)
{
    return scope_printf(s, "%s:%s", kind->table, name);
}

void hook_source_seal(struct scope *s, const struct call *c, const struct hook_source_kind *kind,
    const char *name, const char *secret, unsigned char **ret, size_t *ret_len)
{
    sign_seal(s, c->api->keys, bound_to(s, kind, name), secret, strlen(secret), ret, ret_len);
}

enum rc hook_source_open(struct scope *s, const struct sign *keys,
    const struct hook_source_kind *kind, const char *name, const struct hook_sealed *sealed,
    struct hook_secret *ret)
{
    return hook_secret_open(s, keys, bound_to(s, kind, name), sealed, ret);
}

static enum rc lock(struct scope *s, struct db *db, const struct call *c,
    const struct hook_source_kind *kind, struct locked *ret)
{
    return IF_NONE(db_one(s, db, kind->lock, PARAMS(P_TEXT(c->param[0])), ret),
        hook_source_none(s, kind, c->param[0]));
}

static enum rc record(struct scope *s, struct db *db, const struct call *c,
    const struct hook_source_kind *kind, const char *action, const char *detail)
{
    return audit_add(
        s, db, call_actor(c), scope_printf(s, "%s.%s", kind->table, action), c->param[0], detail);
}

enum rc hook_source_rotate(struct scope *s, struct db *db, const struct call *c,
    const struct hook_source_kind *kind, const char *secret, int64_t overlap_minutes, int64_t *ret)
{
    struct locked locked;
    unsigned char *sealed;
    size_t len;
    TRY(lock(s, db, c, kind, &locked));
    hook_source_seal(s, c, kind, c->param[0], secret, &sealed, &len);
    TRY(db_do(s, db, kind->renew,
        PARAMS(P_INT(locked.id), P_BYTES(sealed, len), P_INT(overlap_minutes)), NULL));
    *ret = locked.id;
    json_t *detail =
        json_own(s, json_pack("{s:I}", "overlap_minutes", (json_int_t)overlap_minutes));
    return record(s, db, c, kind, "rotate", json_text(s, detail));
}

static bool has(const struct texts *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++)
        if (!strcmp(list->at[i], text))
            return true;
    return false;
}

/* The former names after the change. */
static enum rc keep_former(struct scope *s, const struct texts *old, const struct texts *given,
    const char *from, const char *to, struct texts *ret)
{
    const struct texts *kept = given->at ? given : old;
    const char **at = SCOPE_ARRAY(s, const char *, kept->n + 1);
    *ret = (struct texts){.at = at};
    for (size_t i = 0; i < kept->n; i++) {
        if (!has(old, kept->at[i]))
            return fail_field(s, RC_INVALID, scope_printf(s, "former_names[%zu]", i),
                "\"%.64s\" is not a former name of this source", kept->at[i]);
        if (strcmp(kept->at[i], to) != 0)
            at[ret->n++] = kept->at[i];
    }
    if (strcmp(from, to) != 0)
        at[ret->n++] = from;
    return RC_OK;
}

/* SQL null for none. */
static struct param sealed_param(struct scope *s, const struct call *c,
    const struct hook_source_kind *kind, const char *name, const char *secret)
{
    unsigned char *sealed = NULL;
    size_t len = 0;
    if (secret)
        hook_source_seal(s, c, kind, name, secret, &sealed, &len);
    return P_BYTES(sealed, len);
}

enum rc hook_source_rename(struct scope *s, struct db *db, const struct call *c,
    const struct hook_source_kind *kind, const char *name, const struct texts *former)
{
    const char *from = c->param[0], *to = name ? name : from;
    struct locked locked;
    struct hook_secret secret;
    struct texts kept;
    TRY(lock(s, db, c, kind, &locked));
    TRY(hook_source_name_check(s, to));
    TRY(keep_former(s, &locked.former_names, former, from, to, &kept));
    if (strcmp(from, to) != 0 && !has(&locked.former_names, to))
        TRY(hook_source_name_free(s, db, kind, to));
    TRY(hook_source_open(s, c->api->keys, kind, from, &locked.sealed, &secret));
    return db_do(s, db, kind->rename,
        PARAMS(P_INT(locked.id), P_TEXT(to), P_TEXTS(s, &kept),
            sealed_param(s, c, kind, to, secret.current),
            sealed_param(s, c, kind, to, secret.previous)),
        NULL);
}

enum rc hook_source_refuse(struct call *c)
{
    int64_t left = MINUTE - clock_now() / CLOCK_SECOND % MINUTE;
    reply_header(c, "Retry-After", scope_printf(c->s, "%lld", (long long)left));
    return refuse(c, 429, "too many requests of this source in this minute");
}

struct dropping {
    const struct call *c;
    const struct hook_source_kind *kind;
};

static enum rc drop(struct scope *s, struct db *db, void *arg)
{
    const struct dropping *in = arg;
    const char *name = in->c->param[0];
    bool found;
    TRY(db_one(s, db, in->kind->drop, PARAMS(P_TEXT(name)), &found));
    if (!found)
        return hook_source_none(s, in->kind, name);
    return record(s, db, in->c, in->kind, "delete", NULL);
}

enum rc hook_source_delete(struct call *c, const struct hook_source_kind *kind)
{
    TRY(db_txn(c->s, c->db, drop, &(struct dropping){.c = c, .kind = kind}));
    return reply_nothing(c);
}
