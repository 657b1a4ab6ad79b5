#pragma once
/*
 * Alerts by mail, to alerts+NAME.TOKEN@DOMAIN of a source whose format is "mail": for monitoring
 * that can send nothing else. The first word of the subject that the format knows says whether it
 * fires ("DOWN", "[FIRING:1]") or is resolved ("Recovery"); the rest of the subject identifies it.
 */
#include "core/db/db.h"
#include "core/scope.h"
#include "core/sign.h"

/* Whether an envelope recipient is such an address. */
bool alert_mail_is(const char *recipient);

/* The address of a source, in s. */
const char *alert_mail_address(
    struct scope *s, const char *name, const char *token, const char *mail_from);

/* Take a message. *ret: received, unknown (no such source), forged (its token is another's) or
 * ignored (no mail). RC_RETRY: more than the source may send in this minute. */
enum rc alert_mail_take(struct scope *s, struct db *db, const struct sign *keys,
    const char *public_url, const char *recipient, const char *message, size_t len,
    const char **ret);
