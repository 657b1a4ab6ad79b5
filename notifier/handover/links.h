#ifndef NOTIFIER_HANDOVER_LINKS_H
#define NOTIFIER_HANDOVER_LINKS_H
/* What is signed or hashed for one recipient of one broadcast. */
#include "core/sign.h"
#include "core/strbuf.h"
#include "notifier/handover/handover.h"

/* Append the token of the link that the broadcast's texts have: unsubscribe, confirm (48 h
 * from now) or credit. */
void links_token(const struct sign *keys, const struct recipient *r, struct strbuf *b);

/* Append the left side of the Message-ID, which is also the webhook-id: a keyed hash of
 * broadcast and recipient, so the same on every attempt by any process. No dot. */
void links_message_id(const struct sign *keys, const struct recipient *r, struct strbuf *b);

#endif
