#include "notifier/handover/links.h"

#include <string.h>

#include "core/clock.h"
#include "messages/broadcast.h"

#define CONFIRM_US (48 * 3600 * CLOCK_SECOND)
#define MANAGE_US (3600 * CLOCK_SECOND)

void links_token(const struct sign *keys, const struct recipient *r, struct strbuf *b)
{
    const char *kind = r->batch->broadcast->kind;
    struct link_token link = {.id = r->link_id};
    enum sign_purpose purpose = SIGN_UNSUBSCRIBE;
    if (!strcmp(kind, "confirmation")) {
        purpose = SIGN_CONFIRM;
        link.expires = clock_now() + CONFIRM_US;
    } else if (!strcmp(kind, "manage")) {
        purpose = SIGN_MANAGE;
        link.expires = clock_now() + MANAGE_US;
    } else if (broadcast_is_of_credits(r->batch->broadcast) || !strcmp(kind, "credit_answer")) {
        purpose = SIGN_CREDIT;
        link.extra = r->id > 0 ? r->id : 0;
    }
    sign_link(keys, purpose, link, b);
}
