#pragma once
/*
 * Classifies returned mail: delivery reports (RFC 3464), bounces that are nothing but text
 * (bounce_text.h), complaints (ARF, RFC 5965; JMRP), automatic replies (RFC 3834). The class
 * follows the reason (refusal.h). Pure: accepts any bytes and uses no database.
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
    const char *message_id, *list_unsubscribe, *to; /* of the returned copy; "" without */
};

/* Read the first BOUNCE_READ octets of a message. Never fails. */
void bounce_read(struct scope *s, const char *message, size_t len, struct bounce *ret);

/* hard, soft or message, by the reason that a status and a diagnostic give. Either may be NULL. */
const char *bounce_class(const char *status, const char *diagnostic);
