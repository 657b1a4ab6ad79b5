#pragma once
/*
 * Classifies returned mail: delivery reports (RFC 3464) of Postfix, Exim, Exchange and Gmail,
 * qmail's plain text (QSBMF), complaints (ARF, RFC 5965), automatic replies (RFC 3834). Pure:
 * accepts any bytes and uses no database.
 */
#include <stdbool.h>
#include <stddef.h>

#include "core/scope.h"
#include "core/mail/report.h"
#include "core/shape.h"

enum bounce_kind { BOUNCE_OTHER, BOUNCE_AUTO_REPLY, BOUNCE_REPORT, BOUNCE_COMPLAINT };
extern const char *const bounce_kind_name[]; /* other, auto_reply, bounce, complaint */

enum { BOUNCE_READ = 1024 * 1024 };

struct bounce {
    enum bounce_kind kind;
    const char *class;      /* hard, soft, message, complaint; NULL: no consequence */
    const char *status;     /* "5.1.1", or NULL */
    const char *diagnostic; /* one line of valid UTF-8 of at most REPORT_TEXT_MAX octets, or NULL */
    struct texts paths;     /* candidates for the return path it was sent to */
};

/* Read the first BOUNCE_READ octets of a message. Never fails. */
void bounce_read(struct scope *s, const char *message, size_t len, struct bounce *ret);
