#ifndef CORE_MAIL_BOUNCE_H
#define CORE_MAIL_BOUNCE_H
/*
 * What a mail that came back says: reports of delivery (RFC 3464) as Postfix, Exim, Exchange
 * and Gmail write them, qmail's plain text (QSBMF), complaints (ARF, RFC 5965), automatic
 * replies (RFC 3834). No database: bytes in, words out, for whatever bytes.
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
    const char *class;      /* hard, soft, message, complaint; NULL: nothing follows from it */
    const char *status;     /* "5.1.1", or NULL */
    const char *diagnostic; /* one line of valid UTF-8 of at most REPORT_TEXT_MAX octets, or NULL */
    struct texts paths;     /* addresses that may be the return path that it came to */
};

/* Read a message; of more than BOUNCE_READ octets the first. Never fails. */
void bounce_read(struct scope *s, const char *message, size_t len, struct bounce *ret);

#endif
