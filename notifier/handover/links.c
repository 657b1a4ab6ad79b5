#include "notifier/handover/links.h"

#include "core/clock.h"
#include "messages/broadcast.h"

#define CONFIRM_US (48 * 3600 * CLOCK_SECOND)
#define MANAGE_US (3600 * CLOCK_SECOND)
#define CLAIM_US (90 * 86400 * CLOCK_SECOND)
#define ACCOUNT_US (90 * 86400 * CLOCK_SECOND)
#define JOIN_US (7 * 86400 * CLOCK_SECOND)

void links_token(const struct sign *keys, const struct recipient *r, struct strbuf *b)
{
    enum sign_purpose purpose = kinds[r->batch->broadcast->kind].link;
    struct link_token link = {.id = r->link_id};
    if (purpose == SIGN_CONFIRM)
        link.expires = clock_now() + CONFIRM_US;
    else if (purpose == SIGN_MANAGE)
        link.expires = clock_now() + MANAGE_US;
    else if (purpose == SIGN_INVITATION)
        link = (struct link_token){.extra = r->batch->broadcast->id};
    else if (purpose == SIGN_CREDIT)
        link.extra = r->id > 0 ? r->id : 0;
    else if (purpose == SIGN_ACCOUNT)
        link = (struct link_token){.id = r->id, .expires = clock_now() + ACCOUNT_US};
    else if (purpose == SIGN_JOIN)
        link =
            (struct link_token){.extra = r->batch->broadcast->id, .expires = clock_now() + JOIN_US};
    sign_link(keys, purpose, link, b);
}

void links_account(const struct sign *keys, const struct recipient *r, struct strbuf *b)
{
    bool own = kinds[r->batch->broadcast->kind].recipient == RECIPIENT_CONTACT;
    struct link_token link = {
        .id = own ? r->id : r->page_contact, .expires = clock_now() + ACCOUNT_US};
    if (link.id)
        sign_link(keys, SIGN_ACCOUNT, link, b);
}

void links_claim(const struct sign *keys, const struct recipient *r, struct strbuf *b)
{
    bool own = !r->claim_contact;
    int64_t expires = clock_now() + CLAIM_US;
    struct link_token link = {.id = r->claim_contact,
        .extra = own ? r->claim_account : 0,
        .expires = expires > r->claim_until ? expires : r->claim_until};
    if (r->claim_account)
        sign_link(keys, SIGN_CLAIM, link, b);
}
