#pragma once
/*
 * The kinds of broadcast. The table broadcast_kind repeats the columns that SQL reads;
 * tests/unit/messages/test_kind.c compares the two.
 *
 *     if (kinds[b->kind].listed)
 *         add_list_headers(message);
 */
#include <stdbool.h>

#include "core/sign.h"

enum kind {
    KIND_UPDATE,
    KIND_REMINDER,      /* of a maintenance that begins soon */
    KIND_RETRACTION,    /* of an incident posted by mistake, to those who were sent a message */
    KIND_NOTICE,        /* to all subscribers */
    KIND_DIGEST,        /* of one day in one time zone */
    KIND_CONFIRMATION,  /* asks a new subscriber for confirmation */
    KIND_MANAGE,        /* a link to the reader's preferences */
    KIND_MOVED,         /* to the old address of a subscriber who has a new one */
    KIND_ENDPOINT,      /* an endpoint ended; to its owner, by e-mail */
    KIND_CREDIT_NOTICE, /* the credits of a run, to the contacts of their accounts */
    KIND_CREDIT_TEST,   /* one letter of such a notice, to another address */
    KIND_CREDIT_ANSWER, /* to a contact who asked for a review */
    KIND_ACCOUNT_LINK,  /* to a contact who asked for the link to the account's page */
    KIND_ACCOUNT_INVITATION, /* to an address that a contact added to their account */
    KIND_CLAIM_ANSWER,       /* to the contact who claimed */
    KIND_SLA_REPORT,         /* of a month, to the contacts of an account who asked for it */
    KIND_CREDIT_EVENT,       /* to the webhooks of billing systems */
    KIND_STAFF,              /* held until a notifier fills in the addresses of staff */
    KIND_INVITATION,         /* a link to choose a password */
    KIND_HELP, /* the answer to the SMS "HELP", if the provider ignores the response to its callback
                */
    KIND_COMPONENT_UPDATE, /* of Statuspage's format, to its webhooks */
    KIND_POST_TEST,        /* a post's mail to one member of staff before it is posted */
    KIND_COUNT
};

/* The source of the recipients, which the notifier reads range by range. */
enum audience {
    AUDIENCE_NONE, /* none: they are in delivery_retry from the start */
    AUDIENCE_INCIDENT,
    AUDIENCE_TOLD, /* those with a message about the incident */
    AUDIENCE_SUBSCRIBERS,
    AUDIENCE_DIGEST,
    AUDIENCE_SUBSCRIBER,
    AUDIENCE_CONTACTS
};

/* The owner of a recipient_id, which determines the address of the message. */
enum recipient_of {
    RECIPIENT_SUBSCRIBER,
    RECIPIENT_FORMER,  /* a subscriber, at the address before the move */
    RECIPIENT_OWNER,   /* a subscriber that is an endpoint, at its owner's address */
    RECIPIENT_CONTACT, /* of an account */
    RECIPIENT_STAFF,   /* negative: a person, or a place of the configuration */
    RECIPIENT_ADDRESS  /* -1: the address is in the broadcast */
};

struct kind_row {
    const char *name;     /* the database's word */
    const char *template; /* NULL: the text is in the broadcast */
    enum audience audience;
    enum recipient_of recipient;
    int priority;           /* 0 first */
    enum sign_purpose link; /* the purpose of the link in a message */
    bool listed;            /* has a List-Id and links to unsubscribe */
    const char *leave;      /* path of the one-click link of other kinds; NULL: none */
    bool transactional;     /* its template reads only the broadcast's extra */
};

extern const struct kind_row kinds[KIND_COUNT];
/* The database's words: NULL for AUDIENCE_NONE. */
extern const char *const audience_name[];
extern const char *const recipient_name[];

/* KIND_COUNT where there is no such kind. */
enum kind kind_of(const char *name);
