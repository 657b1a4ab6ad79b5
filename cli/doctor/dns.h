#pragma once
/*
 * TXT records of DNS, by glibc's resolver.
 *
 *     struct dns *dns;
 *     TRY(dns_new(s, "127.0.0.1:5353", &dns));
 *     struct texts found;
 *     TRY(dns_txt(s, dns, "_dmarc.example.com", &found));
 */
#include "core/scope.h"
#include "core/shape.h"

struct dns;

/* resolver: IPv4[:PORT] of a name server, or NULL for those of the system. Lives as long as s.
 * RC_INVALID: not an address. */
enum rc dns_new(struct scope *s, const char *resolver, struct dns **ret);

/* Every TXT record of name, its strings joined (RFC 7208, 3.3); RC_OK even without any. RC_RETRY:
 * no server answers. */
enum rc dns_txt(struct scope *s, struct dns *dns, const char *name, struct texts *ret);
