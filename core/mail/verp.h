#ifndef CORE_MAIL_VERP_H
#define CORE_MAIL_VERP_H
/*
 * Return paths that say whose bounce it is: bounces+<token>@domain, the token
 * signed for SIGN_RETURN_PATH, so that a forged bounce suppresses nobody.
 * The local part stays within 64 octets (RFC 5321, 4.5.3.1.1): the payload is three
 * variable-length integers, 11 octets for ids of up to nine digits.
 */
#include <stdint.h>

#include "core/scope.h"
#include "core/sign.h"

struct verp {
    int64_t broadcast;
    int64_t recipient;
    int channel; /* what a recipient is: 0 a subscriber, 1 an account's contact */
};

/* Made without a scope's memory growing per message: appended to b. RC_INVALID when
 * the local part would pass 64 octets, which takes ids beyond 10^18. Then nothing is
 * appended. Negative numbers are RC_INTERNAL. */
enum rc verp_address(struct scope *s, const struct sign *keys, const char *domain,
    const struct verp *verp, struct strbuf *b);

/* The recipient of a bounce. RC_DENIED for everything that we did not sign. The part
 * in front of the token is not looked at, case of the domain neither. */
enum rc verp_open(struct scope *s, const struct sign *keys, const char *address, struct verp *ret);

#endif
