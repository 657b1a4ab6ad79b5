/* POST /v1/accounts/{external_id}/page-link, and DELETE .../page-links. */
#include "api/account/link.h"

#include "api/account/account.h"
#include "api/call/audit_log.h"
#include "core/clock.h"

const struct shape new_account_link_shape = SHAPE("AccountLinkCreate", struct new_account_link,
    FIELD(TEXT, contact, .min = 1, .max = 320,
        .doc = "E-mail address of the contact of the account who gets the link; default: the link "
               "is the account's own."));
const struct shape account_link_shape = SHAPE("AccountLink", struct account_link,
    FIELD(TEXT, url, .required = true, .doc = "The page. Anybody who has it can open it."),
    FIELD(TIME, expires_at, .required = true, .doc = "Until when the link works."));

SHAPE_STATIC(
    struct link_ids, link_ids_shape, "AccountLinkIds", FIELD(INT, account), FIELD(INT, contact));
STMT(account_link_ids,
    "SELECT a.id AS account, c.id AS contact FROM account a LEFT JOIN account_contact c"
    "   ON c.account_id = a.id AND c.email = $2 WHERE a.external_id = $1",
    .row = &link_ids_shape);
STMT(account_link_cut,
    "WITH cut AS (INSERT INTO account_link_cut (account_id, at)"
    "   SELECT id, clock_timestamp() FROM account WHERE external_id = $1"
    "   ON CONFLICT (account_id) DO UPDATE SET at = excluded.at RETURNING account_id),"
    " ended AS (DELETE FROM account_session WHERE account_id IN (SELECT account_id FROM cut))"
    " SELECT account_id AS id FROM cut",
    .row = &row_int);

enum rc account_link_make(struct call *c, enum sign_purpose purpose, const char *path,
    const char *action, const struct new_account_link *in, struct account_link *ret)
{
    struct link_ids ids;
    STRBUF(token, SIGN_TOKEN_MAX + 1);
    TRY(IF_NONE(db_one(c->s, c->db, &account_link_ids,
                    PARAMS(P_TEXT(c->param[0]), P_TEXT(in->contact)), &ids),
        fail(c->s, RC_NOT_FOUND, "no account \"%.100s\"", c->param[0])));
    bool own = ids.contact == SHAPE_NONE;
    if (in->contact && own)
        return fail_field(c->s, RC_INVALID, "contact", "no contact \"%.300s\"", in->contact);
    struct link_token link = {.id = own ? 0 : ids.contact,
        .extra = own ? ids.account : 0,
        .expires = clock_now() + (int64_t)ACCOUNT_LINK_DAYS * 86400 * CLOCK_SECOND};
    sign_link(c->api->keys, purpose, link, &token);
    TRY(audit_add(
        c->s, c->db, call_actor(c), action, scope_printf(c->s, "account:%s", c->param[0]), NULL));
    *ret = (struct account_link){
        .url = scope_printf(c->s, "%s%s/%s", c->api->public_url, path, strbuf_copy(&token, c->s)),
        .expires_at = link.expires};
    return RC_OK;
}

enum rc account_link_create(struct call *c)
{
    struct account_link link;
    TRY(account_link_make(c, SIGN_ACCOUNT, "/a", "account.link", c->body, &link));
    return reply_object(c, &link);
}

static enum rc revoke(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    int64_t id;
    TRY(IF_NONE(db_one(s, db, &account_link_cut, PARAMS(P_TEXT(c->param[0])), &id),
        fail(s, RC_NOT_FOUND, "no account \"%.100s\"", c->param[0])));
    return audit_add(s, db, call_actor(c), "account.revoke_links",
        scope_printf(s, "account:%s", c->param[0]), NULL);
}

enum rc account_link_revoke(struct call *c)
{
    TRY(db_txn(c->s, c->db, revoke, c));
    return reply_nothing(c);
}
