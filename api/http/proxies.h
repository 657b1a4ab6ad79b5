#ifndef API_HTTP_PROXIES_H
#define API_HTTP_PROXIES_H
/* Whose X-Forwarded-For is believed: proxies on this machine, and those of the configuration. */
#include "core/config.h"

struct proxies;

/* The setting trusted_proxies; RC_INVALID names the word that is no network. Lives in s. */
enum rc proxies_read(struct scope *s, const struct config *config, const struct proxies **ret);

/* The address of who asks, where host called and sent this X-Forwarded-For (may be NULL): the last
 * one that is no proxy of ours, because whoever is none may have written what stands before. */
const char *proxies_caller(
    struct scope *s, const struct proxies *proxies, const char *host, const char *forwarded);

#endif
