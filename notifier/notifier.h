#pragma once
/*
 * The notifier role: claims batches of broadcasts, sends them, settles outcomes.
 *
 * Three threads hand whole batches over (handover/handover.h) and hold no lock across I/O:
 *   database  queue/: claims and settles, driven by main.c in the main thread
 *   mail      mail/: e-mail through the SMTP engine in smtp/
 *   HTTP      http/: webhooks, chats and SMS through curl multi
 * In outbox mode one thread (outbox/) takes the place of the latter two and sends nothing.
 * Any number of notifiers work side by side; they meet only in PostgreSQL.
 */
#include "core/config.h"

/* Run until SIGTERM; returns a process exit code. Call before any other thread exists. */
int notifier_main(const struct config *config);
