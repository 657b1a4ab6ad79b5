/* POST /v1/accounts/{external_id}/claim-link: the page on which an account claims, for a customer
 * who has no mail with a link. */
#include "api/call/audit_log.h"
#include "api/claims/claims.h"
#include "core/clock.h"

enum { LINK_DAYS = 90 };

SHAPE_EXTERN(struct new_claim_link, new_claim_link_shape, "ClaimLinkCreate",
    FIELD(TEXT, contact, .min = 1, .max = 320,
        .doc = "E-mail address of a contact of the account, who gets the answers; default: all."));
SHAPE_EXTERN(struct claim_link, claim_link_shape, "ClaimLink",
    FIELD(TEXT, url, .required = true, .doc = "The page. Anybody who has it can claim."),
    FIELD(TIME, expires_at, .required = true, .doc = "Until when the link works."));

SHAPE_STATIC(
    struct link_ids, link_ids_shape, "ClaimLinkIds", FIELD(INT, account), FIELD(INT, contact));
STMT(claim_link_ids,
    "SELECT a.id AS account, c.id AS contact FROM account a LEFT JOIN account_contact c"
    "   ON c.account_id = a.id AND c.email = $2 WHERE a.external_id = $1",
    .row = &link_ids_shape);

enum rc claim_link_create(struct call *c)
{
    const struct new_claim_link *in = c->body;
    struct link_ids ids;
    STRBUF(token, SIGN_TOKEN_MAX + 1);
    TRY(IF_NONE(db_one(c->s, c->db, &claim_link_ids,
                    PARAMS(P_TEXT(c->param[0]), P_TEXT(in->contact)), &ids),
        fail(c->s, RC_NOT_FOUND, "no account \"%.100s\"", c->param[0])));
    if (in->contact && ids.contact == SHAPE_NONE)
        return fail_field(c->s, RC_INVALID, "contact", "no contact \"%.300s\"", in->contact);
    struct link_token link = {.id = ids.contact == SHAPE_NONE ? 0 : ids.contact,
        .extra = ids.contact == SHAPE_NONE ? ids.account : 0,
        .expires = clock_now() + (int64_t)LINK_DAYS * 86400 * CLOCK_SECOND};
    sign_link(c->api->keys, SIGN_CLAIM, link, &token);
    TRY(audit_add(c->s, c->db, call_actor(c), "claim.link",
        scope_printf(c->s, "account:%s", c->param[0]), NULL));
    return reply_object(
        c, &(struct claim_link){.url = scope_printf(c->s, "%s/claims/%s",
                                    c->api->config->public_url, strbuf_copy(&token, c->s)),
               .expires_at = link.expires});
}
