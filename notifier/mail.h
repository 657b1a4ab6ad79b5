#ifndef NOTIFIER_MAIL_H
#define NOTIFIER_MAIL_H
/* The mail thread: batches of e-mail through the SMTP engine. */
#include "core/config.h"
#include "core/sign.h"
#include "notifier/handover.h"

struct mail {
    const struct config *config;
    const struct sign *keys;
    struct handover *handover;
};

/* Thread body; arg: struct mail. Ends after handover_stop, within DRAIN_MS. */
void *mail_run(void *arg);

/* Is the configuration good enough to send mail? RC_INVALID says why not. */
enum rc mail_check(struct scope *s, const struct config *config);

#endif
