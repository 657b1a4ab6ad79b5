/* POST /v1/accounts/{external_id}/claim-link: the page on which an account claims, for a customer
 * who has no mail with a link. */
#include "api/account/account.h"
#include "api/account/link.h"
#include "api/claims/claims.h"

enum rc claim_link_create(struct call *c)
{
    struct account_link link;
    TRY(account_link_make(c, SIGN_CLAIM, "/claims", "claim.link", c->body, &link));
    return reply_object(c, &link);
}
