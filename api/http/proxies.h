#pragma once
/* The proxies whose X-Forwarded-For is trusted: those on this machine, and those of the
 * configuration. */
#include "core/config.h"

struct proxies;

/* The setting trusted_proxies; RC_INVALID names the word that is not a network. Lives in s. */
enum rc proxies_read(struct scope *s, const struct config *config, const struct proxies **ret);

/* Whether an address is one of them: 16 octets, IPv4 mapped (RFC 4291 2.5.5.2). */
bool proxies_hold(const struct proxies *proxies, const unsigned char *address);

/* The client's address, given the peer host and its X-Forwarded-For (may be NULL): the last address
 * that is not a trusted proxy, because the entries before it may be forged. */
const char *proxies_caller(
    struct scope *s, const struct proxies *proxies, const char *host, const char *forwarded);

/* What counts as one address: an IPv4 address, mapped into IPv6 or not, or the /64 of an IPv6 one,
 * because a subscriber's line has at least one (RFC 6177). Text that is no address is returned as
 * it is. */
const char *proxies_network(struct scope *s, const char *peer);
