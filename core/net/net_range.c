#include "core/net/net_range.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The bits before those of an IPv4 address. */
enum { MAPPED = 96, ALL = 128 };

bool net_range_read(const char *text, struct net_range *ret)
{
    char address[INET6_ADDRSTRLEN];
    size_t len = strcspn(text, "/");
    if (len >= sizeof(address))
        return false;
    memcpy(address, text, len);
    address[len] = '\0';
    *ret = (struct net_range){.prefix = {[10] = 0xff, [11] = 0xff}, .bits = ALL};
    bool four = inet_pton(AF_INET, address, ret->prefix + MAPPED / 8) == 1;
    if (!four && inet_pton(AF_INET6, address, ret->prefix) != 1)
        return false;
    if (!text[len])
        return true;
    char *end;
    if (!isdigit((unsigned char)text[len + 1]))
        return false;
    long bits = strtol(text + len + 1, &end, 10), before = four ? MAPPED : 0;
    if (*end || bits > ALL - before)
        return false;
    ret->bits = (int)(bits + before);
    return true;
}

bool net_range_holds(const struct net_range *range, const unsigned char *address)
{
    int whole = range->bits / 8, rest = range->bits % 8;
    if (memcmp(range->prefix, address, (size_t)whole) != 0)
        return false;
    unsigned char mask = (unsigned char)(0xff00 >> rest);
    return !rest || ((range->prefix[whole] ^ address[whole]) & mask) == 0;
}
