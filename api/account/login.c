/* /a/login/{account} and its callback: a contact signs in to the page of the account by the OpenID
 * provider of the account (oidc_flow.h). */
#include "api/account/account.h"
#include "api/account/oidc.h"
#include "api/account/visit.h"
#include "api/call/audit_log.h"
#include "api/call/form.h"

STMT(account_login_contact,
    "SELECT id FROM account_contact WHERE account_id = $1 AND lower(email) = lower($2)"
    " ORDER BY email = $2 DESC, id LIMIT 1",
    .row = &row_int);

enum rc page_account_login(struct call *c)
{
    struct oidc_flow flow;
    struct form form;
    TRY(account_oidc_flow(c, &flow));
    TRY(form_read(c, &form));
    return oidc_flow_start(c, &flow, form_text(&form, "incident", ""));
}

/* The provider says who it is, the contacts of the account say who may enter. */
static enum rc contact_of(
    struct call *c, const struct oidc_flow *flow, const json_t *claims, int64_t *ret)
{
    const char *email = oidc_verified_email(claims);
    if (!email)
        return fail(c->s, RC_DENIED, "it has no verified e-mail address");
    return IF_NONE(db_one(c->s, c->db, &account_login_contact,
                       PARAMS(P_INT(flow->account), P_TEXT(email)), ret),
        fail(c->s, RC_DENIED, "its e-mail address is that of no contact of the account"));
}

enum rc page_account_login_callback(struct call *c)
{
    struct oidc_flow flow;
    struct account_visit visit = {0};
    const json_t *claims;
    const char *incident;
    TRY(account_oidc_flow(c, &flow));
    enum rc rc = oidc_flow_finish(c, &flow, &claims, &incident);
    if (rc == RC_OK)
        rc = contact_of(c, &flow, claims, &visit.contact);
    if (rc == RC_DENIED)
        return oidc_flow_refused(c);
    TRY(rc);
    visit.account = flow.account;
    visit.base = account_visit_path(c, visit.account, visit.contact, true);
    TRY(audit_add(c->s, c->db, "link", "account.sign_in",
        scope_printf(c->s, "account_contact:%lld", (long long)visit.contact), "{\"by\":\"oidc\"}"));
    return account_visit_begin(c, &visit, account_visit_target(c, &visit, incident));
}
