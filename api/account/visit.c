#include "api/account/visit.h"
#include "api/readers/link.h"

#include <string.h>

#include "api/account/link.h"
#include "api/call/session.h"
#include "core/clock.h"

enum { TARGET_MAX = 8192 };

static const struct shape visit_shape =
    SHAPE("AccountVisit", struct account_visit, FIELD(INT, account), FIELD(INT, contact),
        FIELD(TEXT, external_id), FIELD(TEXT, name), FIELD(TEXT, timezone), FIELD(BOOL, entered));
/* $1: a contact, or 0; $2: an account, or 0; $3: when the link was made; $4: of the session. */
STMT(account_visit_read,
    "SELECT a.id AS account, c.id AS contact, a.external_id, a.name, a.timezone,"
    "   EXISTS (SELECT FROM account_session x WHERE x.token_hash = $4::bytea"
    "     AND x.account_id = a.id AND x.contact_id IS NOT DISTINCT FROM c.id"
    "     AND x.expires_at > now()) AS entered"
    " FROM account a LEFT JOIN account_contact c ON c.id = $1 AND c.account_id = a.id"
    " WHERE a.id = amends.link_account($1, $2)"
    "   AND NOT EXISTS (SELECT FROM account_link_cut k WHERE k.account_id = a.id AND k.at >= $3)",
    .row = &visit_shape);

/* $1 replaces the token $4 of the browser with all its sessions, so that nobody who gave it a token
 * shares the new one. */
STMT(account_session_begin,
    "WITH again AS (DELETE FROM account_session WHERE token_hash = $4::bytea AND account_id = $2"
    "     AND contact_id IS NOT DISTINCT FROM $3),"
    "   others AS (UPDATE account_session SET token_hash = $1::bytea WHERE token_hash = $4::bytea"
    "     AND NOT (account_id = $2 AND contact_id IS NOT DISTINCT FROM $3))"
    " INSERT INTO account_session (token_hash, account_id, contact_id)"
    "   VALUES ($1::bytea, $2, $3)");
STMT(account_session_end,
    "WITH ended AS (DELETE FROM account_session WHERE token_hash = $1::bytea AND account_id = $2)"
    " SELECT EXISTS (SELECT FROM account_session WHERE token_hash = $1::bytea"
    "   AND account_id <> $2 AND expires_at > now())",
    .row = &row_bool);

enum rc account_visit_begin(struct call *c, const struct account_visit *visit, const char *target)
{
    unsigned char hash[SIGN_HASH], before[SIGN_HASH];
    const char *token = session_new_token(c->s);
    session_hash(token, hash);
    session_hash(session_token(c, ACCOUNT_SESSION), before);
    TRY(db_do(c->s, c->db, &account_session_begin,
        PARAMS(P_BYTES(hash, sizeof(hash)), P_INT(visit->account), P_INT(visit->contact),
            P_BYTES(before, sizeof(before))),
        NULL));
    session_set(c, ACCOUNT_SESSION, token, ACCOUNT_SESSION_SECONDS);
    return session_see_other(c, target);
}

enum rc account_visit_end(struct call *c, const struct account_visit *visit)
{
    unsigned char hash[SIGN_HASH];
    bool others;
    session_hash(session_token(c, ACCOUNT_SESSION), hash);
    TRY(db_one(c->s, c->db, &account_session_end,
        PARAMS(P_BYTES(hash, sizeof(hash)), P_INT(visit->account)), &others));
    if (!others)
        session_set(c, ACCOUNT_SESSION, "", 0);
    return session_see_other(c, visit->base);
}

const char *account_visit_target(
    struct call *c, const struct account_visit *visit, const char *incident)
{
    STRBUF(to, TARGET_MAX);
    if (!incident || !*incident)
        return visit->base;
    strbuf_addf(&to, "%s/incidents/", visit->base);
    strbuf_addpercent(&to, incident);
    return strbuf_copy(&to, c->s);
}

/* A contact's link names no account; there 1 says that it is of a sign-in. */
const char *account_visit_path(struct call *c, int64_t account, int64_t contact, bool by_login)
{
    STRBUF(token, SIGN_TOKEN_MAX + 1);
    bool own = contact == SHAPE_NONE;
    struct link_token link = {.id = own ? 0 : contact,
        .extra = own ? account : by_login,
        .expires = clock_now() + (int64_t)ACCOUNT_LINK_DAYS * 86400 * CLOCK_SECOND};
    sign_link(c->api->keys, SIGN_ACCOUNT, link, &token);
    return scope_printf(c->s, "/a/%s", strbuf_copy(&token, c->s));
}

enum rc account_visit_link(struct call *c, struct account_visit *ret)
{
    struct link_token link;
    unsigned char hash[SIGN_HASH];
    int64_t lifetime = (int64_t)ACCOUNT_LINK_DAYS * 86400 * CLOCK_SECOND;
    TRY(link_read(c, SIGN_ACCOUNT, &link));
    session_hash(session_token(c, ACCOUNT_SESSION), hash);
    TRY(IF_NONE(db_one(c->s, c->db, &account_visit_read,
                    PARAMS(P_INT(link.id), P_INT(link.extra), P_TIME(link.expires - lifetime),
                        P_BYTES(hash, sizeof(hash))),
                    ret),
        link_none(c)));
    ret->base = scope_printf(c->s, "/a/%s", c->param[0]);
    ret->by_login = link.id && link.extra;
    return RC_OK;
}

enum rc account_visit(struct call *c, struct account_visit *ret, bool *ret_entered)
{
    TRY(account_visit_link(c, ret));
    *ret_entered = ret->entered;
    return ret->entered ? RC_OK : session_see_other(c, ret->base);
}

void account_visit_put(const struct account_visit *visit, const char *here, json_t *context)
{
    static const char *const items[] = {
        "overview", "credits", "claims", "report", "contacts", NULL};
    json_t *json = json_object(), *at = json_object();
    for (size_t i = 0; items[i]; i++)
        json_object_set_new(at, items[i], json_boolean(!strcmp(items[i], here)));
    json_object_set_new(json, "at", at);
    json_object_set_new(json, "base", json_string(visit->base));
    json_object_set_new(json, "name", json_string(visit->name));
    json_object_set_new(context, "visit", json);
    json_object_set_new(context, "zone", json_string(visit->timezone));
}
