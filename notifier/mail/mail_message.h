#pragma once
/* The mail to one recipient, for a relay (mail_sender.h) or the outbox (outbox/outbox.h). */
#include "notifier/handover/handover.h"
#include "notifier/smtp/smtp.h"

/* Fill m->mail_from and append to m->wire. domain: of the sender's address, for Message-ID and
 * return path. False, with the reason in the log: the mail cannot be made. */
bool mail_message_build(
    const struct sender *sender, const char *domain, struct recipient *r, struct smtp_message *m);
