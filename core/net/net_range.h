#ifndef CORE_NET_NET_RANGE_H
#define CORE_NET_NET_RANGE_H
/* Networks: which addresses belong to one. */
#include <stdbool.h>

/* The first bits of an address. Read from text it has 16 bytes, an IPv4 address being
 * ::ffff:a.b.c.d (RFC 4291 2.5.5.2); a range of 4 bytes holds addresses of 4 bytes. */
struct net_range {
    unsigned char prefix[16];
    int bits;
};

/* "10.0.0.0/8" or "fd00::/8"; an address alone is the network of itself. Bits beyond the prefix
 * do not count. False: it is neither. */
bool net_range_read(const char *text, struct net_range *ret);

/* Does address, of as many bytes as the range, belong to it? */
bool net_range_holds(const struct net_range *range, const unsigned char *address);

#endif
