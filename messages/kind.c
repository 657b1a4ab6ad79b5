#include "messages/kind.h"

#include <string.h>

const char *const audience_name[] = {
    [AUDIENCE_INCIDENT] = "incident",
    [AUDIENCE_TOLD] = "told",
    [AUDIENCE_SUBSCRIBERS] = "subscribers",
    [AUDIENCE_DIGEST] = "digest",
    [AUDIENCE_SUBSCRIBER] = "subscriber",
    [AUDIENCE_CONTACTS] = "contacts",
};

const char *const recipient_name[] = {
    [RECIPIENT_SUBSCRIBER] = "subscriber",
    [RECIPIENT_FORMER] = "former",
    [RECIPIENT_OWNER] = "owner",
    [RECIPIENT_CONTACT] = "contact",
    [RECIPIENT_STAFF] = "staff",
    [RECIPIENT_ADDRESS] = "address",
};

const struct kind_row kinds[KIND_COUNT] = {
    [KIND_UPDATE] = {.name = "update",
        .template = "update",
        .audience = AUDIENCE_INCIDENT,
        .priority = 1,
        .listed = true},
    /* A reminder repeats its update. */
    [KIND_REMINDER] = {.name = "reminder",
        .template = "update",
        .audience = AUDIENCE_INCIDENT,
        .priority = 1,
        .listed = true},
    [KIND_RETRACTION] = {.name = "retraction",
        .template = "update",
        .audience = AUDIENCE_TOLD,
        .priority = 1,
        .listed = true},
    [KIND_NOTICE] = {.name = "notice",
        .template = "notice",
        .audience = AUDIENCE_SUBSCRIBERS,
        .priority = 3,
        .listed = true},
    [KIND_DIGEST] = {.name = "digest",
        .template = "digest",
        .audience = AUDIENCE_DIGEST,
        .priority = 2,
        .listed = true},
    [KIND_CONFIRMATION] = {.name = "confirmation",
        .template = "confirmation",
        .audience = AUDIENCE_SUBSCRIBER,
        .link = SIGN_CONFIRM},
    [KIND_MANAGE] = {.name = "manage",
        .template = "manage",
        .audience = AUDIENCE_SUBSCRIBER,
        .link = SIGN_MANAGE},
    [KIND_MOVED] = {.name = "moved",
        .template = "moved",
        .recipient = RECIPIENT_FORMER,
        .transactional = true},
    [KIND_ENDPOINT] = {.name = "endpoint",
        .template = "endpoint",
        .recipient = RECIPIENT_OWNER,
        .transactional = true},
    [KIND_CREDIT_NOTICE] = {.name = "credit_notice",
        .template = "credit_notice",
        .audience = AUDIENCE_CONTACTS,
        .recipient = RECIPIENT_CONTACT,
        .priority = 3,
        .link = SIGN_CREDIT},
    [KIND_CREDIT_TEST] = {.name = "credit_test",
        .template = "credit_notice",
        .recipient = RECIPIENT_ADDRESS,
        .link = SIGN_CREDIT},
    [KIND_CREDIT_ANSWER] = {.name = "credit_answer",
        .template = "credit_answer",
        .recipient = RECIPIENT_CONTACT,
        .link = SIGN_CREDIT,
        .transactional = true},
    [KIND_CREDIT_EVENT] = {.name = "credit_event",
        .template = "credit_event",
        .priority = 1,
        .transactional = true},
    [KIND_COMPONENT_UPDATE] = {.name = "component_update",
        .template = "component_update",
        .priority = 1,
        .listed = true,
        .transactional = true},
    [KIND_STAFF] = {.name = "staff", .template = "staff", .recipient = RECIPIENT_STAFF},
    [KIND_INVITATION] = {.name = "invitation",
        .template = "staff",
        .recipient = RECIPIENT_STAFF,
        .link = SIGN_INVITATION},
    [KIND_HELP] = {.name = "help", .template = "help", .recipient = RECIPIENT_ADDRESS},
    [KIND_POST_TEST] = {.name = "post_test", .recipient = RECIPIENT_ADDRESS},
};

enum kind kind_of(const char *name)
{
    enum kind kind = 0;
    while (kind < KIND_COUNT && strcmp(kinds[kind].name, name) != 0)
        kind++;
    return kind;
}
