#pragma once
/*
 * The limit of messages per second to each relay (smtp_rate), which all notifiers share.
 *
 * One row per relay has the instant until which its messages are leased. A thread with its own
 * database connection tops up what this process may send: ten statements per second while it
 * sends, none while it does not. A process leases at most LEASE_MS ahead, so it exceeds the limit
 * by a fifth of a second's worth at most. While the database is away nothing is leased, and
 * nothing could be settled either.
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
