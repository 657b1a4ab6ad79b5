#pragma once
/*
 * The reason of a refusal, from its words and codes: one table for replies in an SMTP session and
 * for bounces, so that both suppress for the same reasons. Pure.
 *
 *     struct refusal refusal = {.code = 553, .text = "not in my rcpthosts (#5.7.1)"};
 *     refusal_read(&refusal) == REFUSAL_RELAY;
 *
 * Only REFUSAL_MAILBOX and REFUSAL_HOST are about the address.
 */
#include <stdbool.h>

#include "core/scope.h"

enum refusal_reason {
    REFUSAL_UNKNOWN,    /* neither words nor codes say why */
    REFUSAL_MAILBOX,    /* there is no such mailbox */
    REFUSAL_HOST,       /* there is no such domain, or it takes no mail */
    REFUSAL_QUOTA,      /* the mailbox is full */
    REFUSAL_DEFERRED,   /* not now: disabled, unreachable, busy, too many */
    REFUSAL_RELAY,      /* the server does not relay for us */
    REFUSAL_SENDER,     /* our address, or how much we send */
    REFUSAL_AUTH,       /* SPF, DKIM, DMARC, reverse DNS */
    REFUSAL_REPUTATION, /* our host is listed or blocked */
    REFUSAL_CONTENT,    /* this message: spam, virus, size */
    REFUSAL_POLICY,     /* a rule of the other side */
};

struct refusal {
    const char *status; /* RFC 3463; NULL or x.0.0: none. One within the text outranks it */
    int code;           /* SMTP reply; 0: the one in the text, if any */
    const char *text;   /* may be NULL */
};

enum refusal_reason refusal_read(const struct refusal *refusal);

/* Is it for good? Decided by the status in the text, the reply code and the status, in this order;
 * true without any. */
bool refusal_is_permanent(const struct refusal *refusal);

/* The reply code in a text, 550 in "smtp; 550 No such user"; 0 without one. */
int refusal_code(const char *text);

/* The first d.d.ddd of text with class 2, 4 or 5; NULL without. */
const char *refusal_status(struct scope *s, const char *text);
