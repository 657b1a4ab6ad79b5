#ifndef NOTIFIER_SMTP_RATE_H
#define NOTIFIER_SMTP_RATE_H
/*
 * A limit of messages a second to each relay, shared by all notifier processes (smtp_rate).
 *
 * A row a relay says until when its messages are leased. A thread with a database
 * connection of its own tops up what this process may send: one statement a tenth of a
 * second while it sends, none while it does not. Nobody leases more than LEASE_MS ahead,
 * so a limit is kept to a fifth of a second's worth a process. While the database is away nothing
 * is leased, and nothing could be settled either.
 */
#include "core/config.h"
#include "core/scope.h"
#include "notifier/smtp/smtp.h"

struct rate;

/* RC_OK and NULL: no limit is configured. wake_fd (an eventfd) is written when there is
 * something to send again. */
enum rc rate_start(struct scope *s, const struct config *config, int wake_fd, struct rate **ret);
void rate_stop(struct rate *rate); /* NULL is fine */

/* For struct smtp_config; valid until rate_stop. NULL: no limit. */
struct smtp_allowance *rate_allowance(struct rate *rate);

#endif
