#include "core/net/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/net/net_range.h"
#include "core/strbuf.h"

/* IANA's IPv4 Special-Purpose Address Registry, multicast, and what is reserved. */
static const struct net_range refused_v4[] = {
    {.prefix = {0}, .bits = 8},
    {.prefix = {10}, .bits = 8},
    {.prefix = {100, 64}, .bits = 10},
    {.prefix = {127}, .bits = 8},
    {.prefix = {169, 254}, .bits = 16},
    {.prefix = {172, 16}, .bits = 12},
    {.prefix = {192, 0, 0}, .bits = 24},
    {.prefix = {192, 0, 2}, .bits = 24},
    {.prefix = {192, 88, 99}, .bits = 24},
    {.prefix = {192, 168}, .bits = 16},
    {.prefix = {198, 18}, .bits = 15},
    {.prefix = {198, 51, 100}, .bits = 24},
    {.prefix = {203, 0, 113}, .bits = 24},
    {.prefix = {224}, .bits = 3},
};

/* All global unicast addresses begin so (IANA's IPv6 Global Unicast Address Assignments). Outside
 * are loopback, IPv4-mapped, discard-only, SRv6, unique and link local, and multicast. */
static const struct net_range global_v6 = {.prefix = {0x20}, .bits = 3};
/* Of those, what IANA's IPv6 Special-Purpose Address Registry lists: protocol assignments with
 * Teredo and ORCHID, documentation, 6to4. */
static const struct net_range refused_v6[] = {
    {.prefix = {0x20, 0x01}, .bits = 23},
    {.prefix = {0x20, 0x01, 0x0d, 0xb8}, .bits = 32},
    {.prefix = {0x20, 0x02}, .bits = 16},
    {.prefix = {0x3f, 0xff}, .bits = 20},
};
/* An IPv4 address as a NAT64 presents it (RFC 6052), such as that of a webhook's host to a machine
 * without IPv4. 64:ff9b:1::/48 (RFC 8215) is for use within a network. */
static const struct net_range nat64 = {.prefix = {0x00, 0x64, 0xff, 0x9b}, .bits = 96};

static bool in_ranges(const struct net_range *ranges, size_t n, const void *address)
{
    for (size_t i = 0; i < n; i++)
        if (net_range_holds(&ranges[i], address))
            return true;
    return false;
}

static bool is_public_v4(const unsigned char *address)
{
    return !in_ranges(refused_v4, sizeof refused_v4 / sizeof refused_v4[0], address);
}

static bool is_public_v6(const unsigned char *address)
{
    if (net_range_holds(&nat64, address))
        return is_public_v4(address + 12);
    return net_range_holds(&global_v6, address) &&
           !in_ranges(refused_v6, sizeof refused_v6 / sizeof refused_v6[0], address);
}

bool net_is_public(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_public_v4(
            (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr);
    if (address->sa_family == AF_INET6)
        return is_public_v6(
            ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
    return false;
}

static bool is_127(struct in_addr address)
{
    return ntohl(address.s_addr) >> 24 == 127;
}

bool net_is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        return is_127(in->sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)address;
        return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
    }
    return false;
}

union ip {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

/* A literal address, IPv6 with or without the brackets of a URL. */
static bool read_ip(const char *text, union ip *ret)
{
    char bare[INET6_ADDRSTRLEN + 1];
    size_t skip = *text == '[', len = strcspn(text + skip, "]");
    *ret = (union ip){.any.sa_family = AF_INET};
    if (len >= sizeof bare)
        return false;
    memcpy(bare, text + skip, len);
    bare[len] = '\0';
    if (inet_pton(AF_INET, bare, &ret->in.sin_addr) == 1)
        return true;
    *ret = (union ip){.any.sa_family = AF_INET6};
    return inet_pton(AF_INET6, bare, &ret->in6.sin6_addr) == 1;
}

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start(void)
{
    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
        abort();
}

void net_start(void)
{
    pthread_once(&started, start);
}

/* host as curl prints it: IPv6 in brackets. */
static bool host_is_loopback(const char *host)
{
    union ip ip;
    return !strcmp(host, "localhost") || (read_ip(host, &ip) && net_is_loopback(&ip.any));
}

/* Names are checked at each delivery, once resolved; literal addresses are checked here. */
static bool host_is_private(const char *host)
{
    union ip ip;
    return host_is_loopback(host) || (read_ip(host, &ip) && !net_is_public(&ip.any));
}

static char *url_part(struct scope *s, CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
        return NULL;
    char *copy = scope_strdup(s, text);
    curl_free(text);
    return copy;
}

static void clear_url(CURLU **url)
{
    curl_url_cleanup(*url);
}

enum rc net_url_check(struct scope *s, const char *text, bool allow_loopback)
{
    net_start();
    CLEANUP(clear_url) CURLU *url = curl_url();
    if (!url)
        abort();
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK)
        return fail(s, RC_INVALID, "not a URL");
    const char *scheme = url_part(s, url, CURLUPART_SCHEME, 0);
    const char *host = url_part(s, url, CURLUPART_HOST, 0);
    const char *port = url_part(s, url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    if (!scheme || !host || !port || !*host)
        return fail(s, RC_INVALID, "not a URL of a host");
    if (url_part(s, url, CURLUPART_USER, 0) || url_part(s, url, CURLUPART_PASSWORD, 0))
        return fail(s, RC_INVALID, "must not contain a user or password");
    bool https = !strcmp(scheme, "https");
    if (allow_loopback && host_is_loopback(host) && (https || !strcmp(scheme, "http")))
        return RC_OK;
    if (!https)
        return fail(s, RC_INVALID, "must be an https URL");
    if (host_is_private(host))
        return fail(s, RC_INVALID, "must not be a loopback or private address");
    if (strcmp(port, "443") != 0 && strcmp(port, "8443") != 0)
        return fail(s, RC_INVALID, "must use port 443 or 8443");
    return RC_OK;
}

bool net_host_is(const char *word, size_t len, const char *host)
{
    size_t n = strlen(host);
    if (*word == '.')
        return n > len && !strncasecmp(host + n - len, word, len);
    return (len == 1 && *word == '*') || (n == len && !strncasecmp(host, word, len));
}

static bool allowed(struct net_guard *guard, const struct sockaddr *address)
{
    bool good = guard->allow_private || net_is_public(address) ||
                (guard->allow_loopback && net_is_loopback(address));
    guard->refused = guard->refused || !good;
    return good;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    if (!allowed(arg, &address->addr))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Also called for reused connections, for which no socket is opened. */
static int before_request(void *arg, char *primary_ip, char *local_ip, int port, int local_port)
{
    (void)local_ip, (void)port, (void)local_port;
    union ip peer;
    bool good = read_ip(primary_ip, &peer) && allowed(arg, &peer.any);
    return good ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

void net_guard_apply(CURL *curl, struct net_guard *guard)
{
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, guard->allow_loopback ? "https,http" : "https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, guard);
    curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, before_request);
    curl_easy_setopt(curl, CURLOPT_PREREQDATA, guard);
}

size_t net_body(char *bytes, size_t size, size_t n, void *strbuf)
{
    struct strbuf *b = strbuf;
    size_t room = b->max - b->len, len = size * n;
    strbuf_add(b, bytes, len < room ? len : room);
    return len;
}
