#pragma once
/* The mail thread: batches of e-mail through the SMTP engine. */
#include "core/config.h"
#include "core/scope.h"

/* Thread body; arg: struct sender. Ends after handover_stop, within DRAIN_MS. */
void *mail_sender_run(void *arg);

/* Is the configuration good enough to send mail? RC_INVALID says why not. */
enum rc mail_check(struct scope *s, const struct config *config);
