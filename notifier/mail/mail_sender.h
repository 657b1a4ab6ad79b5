#pragma once
/* The mail thread: batches of e-mail through the SMTP engine. */
#include "core/config.h"

/* Thread body; arg: struct sender. Ends after handover_stop, within DRAIN_MS. */
void *mail_sender_run(void *arg);
