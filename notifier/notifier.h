#ifndef NOTIFIER_NOTIFIER_H
#define NOTIFIER_NOTIFIER_H
/*
 * The notifier role: claims batches of broadcasts, sends them, settles outcomes.
 *
 * Three threads hand whole batches over (handover.h) and hold no lock across I/O:
 *   database  claim.c, settle.c, chores.c, driven by notifier.c: the main thread
 *   mail      mail.c: the SMTP engine
 *   post      post.c: webhooks, Slack and SMS through curl multi
 * Any number of notifiers work side by side; they meet only in PostgreSQL.
 */
#include "core/config.h"

/* Run until SIGTERM; returns a process exit code. Call before any other thread exists. */
int notifier_main(const struct config *config);

#endif
