#pragma once
/*
 * Mail addresses (RFC 5321 4.1.2, RFC 6531) and domain names (RFC 5891).
 *
 * We store the normalised address and write it on the envelope: the local part exactly as given,
 * since only its host may interpret it; the domain as lower-case A-labels. Two addresses are the
 * same subscriber when their mailaddr_unique forms are equal.
 *
 * Failures are RC_INVALID with a message for people and no field: the caller knows which of its
 * fields it was.
 */
#include <stdbool.h>

#include "core/scope.h"

enum { MAILADDR_LOCAL_MAX = 64, MAILADDR_MAX = 254, MAILADDR_DOMAIN_MAX = 253 };

/* Nothing is trimmed. Local part: dot-atom or quoted string of printable ASCII,
 * or the same with UTF-8 (which needs a relay with SMTPUTF8); at most 64 octets,
 * the whole at most 254. The domain needs a dot; no address literals. */
enum rc mailaddr_normalise(struct scope *s, const char *address, char **ret);

/* The key for uniqueness and suppression of a normalised address: ASCII letters of
 * the local part lowered too, since no provider of note tells Ann@ from ann@.
 * Hash and compare this; never send to it. */
char *mailaddr_unique(struct scope *s, const char *normalised);

/* Each label letters, digits and hyphens (checked here: libidn2's own STD3 rule
 * silently deletes invalid characters), U-labels turned into A-labels, lower case,
 * no trailing dot. */
enum rc mailaddr_domain(struct scope *s, const char *domain, char **ret);

/* Split "Name <addr>", "\"Name, Inc.\" <addr>", "<addr>" or "addr": the name without
 * its quotes ("" when there is none) and the normalised address. CR, LF and other
 * controls in the name are RC_INVALID. */
enum rc mailaddr_split_mailbox(
    struct scope *s, const char *mailbox, char **ret_name, char **ret_address);

/* True if any octet is outside ASCII: the address then needs SMTPUTF8. */
bool mailaddr_needs_utf8(const char *address);
