#pragma once
/* Networks and the addresses in them. */
#include <stdbool.h>

/* A prefix of addresses. Parsed from text it has 16 bytes, with IPv4 addresses as ::ffff:a.b.c.d
 * (RFC 4291 2.5.5.2); a range of 4 bytes contains addresses of 4 bytes. */
struct net_range {
    unsigned char prefix[16];
    int bits;
};

/* "10.0.0.0/8" or "fd00::/8"; a single address is a network of one. Ignores bits beyond the prefix.
 * False if the text is neither. */
bool net_range_read(const char *text, struct net_range *ret);

/* Whether the range contains the address, which has as many bytes as the range. */
bool net_range_holds(const struct net_range *range, const unsigned char *address);
