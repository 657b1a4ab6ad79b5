#pragma once
/* The signed link of a message, which differs per recipient. */
#include "core/sign.h"
#include "core/strbuf.h"
#include "notifier/handover/handover.h"

/* Append the token of the link that the broadcast's texts have: unsubscribe, confirm (48 h
 * from now), manage (1 h), credit or invitation (by the id of
 * its broadcast, whose row in the database ends it). */
void links_token(const struct sign *keys, const struct recipient *r, struct strbuf *b);

/* Append the token of the link to claim credit, if the recipient has one: for 90 days, and until
 * the time to claim ends. */
void links_claim(const struct sign *keys, const struct recipient *r, struct strbuf *b);

/* Append the token of the link to the page of the account, for 90 days, if the recipient is a
 * contact or a subscriber with the address of one. */
void links_account(const struct sign *keys, const struct recipient *r, struct strbuf *b);
