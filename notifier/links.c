#include "notifier/links.h"

#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "notifier/broadcast.h"

enum { ID_BYTES = 18 };

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
    } else if (!strcmp(kind, "credit_notice")) {
        purpose = SIGN_CREDIT;
    }
    sign_link(keys, purpose, link, b);
}

void links_message_id(const struct sign *keys, const struct recipient *r, struct strbuf *b)
{
    char name[48];
    unsigned char hash[SIGN_HASH];
    snprintf(name, sizeof name, "%lld/%lld", (long long)r->batch->broadcast->id, (long long)r->id);
    sign_address_hash(keys, "message-id", name, hash);
    sign_base64url(b, hash, ID_BYTES);
}
