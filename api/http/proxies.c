#include "api/http/proxies.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "core/net/net_range.h"

enum { PROXIES_MAX = 100 };

struct proxies {
    struct net_range range[PROXIES_MAX];
    size_t n;
};

enum rc proxies_read(struct scope *s, const struct config *config, const struct proxies **ret)
{
    struct proxies *proxies = scope_alloc(s, sizeof(*proxies));
    *proxies = (struct proxies){0};
    char *rest = scope_printf(s, "127.0.0.1 ::1 %s", config->trusted_proxies);
    for (char *word; (word = strsep(&rest, " "));) {
        if (!*word)
            continue;
        if (proxies->n == PROXIES_MAX)
            return fail_field(s, RC_INVALID, "trusted_proxies", "more than %d", PROXIES_MAX - 2);
        if (!net_range_read(word, &proxies->range[proxies->n++]))
            return fail_field(s, RC_INVALID, "trusted_proxies",
                "\"%s\" is neither an address nor a network such as 10.0.0.0/8", word);
    }
    *ret = proxies;
    return RC_OK;
}

bool proxies_hold(const struct proxies *proxies, const unsigned char *address)
{
    for (size_t i = 0; i < proxies->n; i++)
        if (net_range_holds(&proxies->range[i], address))
            return true;
    return false;
}

static bool is_proxy(const struct proxies *proxies, const char *host)
{
    struct net_range address;
    return !strchr(host, '/') && net_range_read(host, &address) &&
           proxies_hold(proxies, address.prefix);
}

const char *proxies_caller(
    struct scope *s, const struct proxies *proxies, const char *host, const char *forwarded)
{
    char *rest = forwarded ? scope_strdup(s, forwarded) : NULL;
    while (rest && is_proxy(proxies, host)) {
        char *comma = strrchr(rest, ',');
        host = comma ? comma + 1 : rest;
        host += strspn(host, " ");
        if (comma)
            *comma = '\0';
        else
            rest = NULL;
    }
    return host;
}

const char *proxies_network(struct scope *s, const char *peer)
{
    struct net_range at;
    char text[INET6_ADDRSTRLEN];
    if (strchr(peer, '/') || !net_range_read(peer, &at))
        return peer;
    const struct in6_addr *six = (const void *)at.prefix;
    bool four = IN6_IS_ADDR_V4MAPPED(six);
    if (four)
        return scope_strdup(s, inet_ntop(AF_INET, at.prefix + 12, text, sizeof(text)));
    memset(at.prefix + 8, 0, 8);
    return scope_printf(s, "%s/64", inet_ntop(AF_INET6, at.prefix, text, sizeof(text)));
}
