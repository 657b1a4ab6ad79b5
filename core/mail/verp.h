#pragma once
/*
 * Return paths that identify the recipient of a bounce: bounces+<token>@domain, the token
 * signed for SIGN_RETURN_PATH, so that forged bounces suppress no address.
 * The local part stays within 64 octets (RFC 5321, 4.5.3.1.1): the payload is three
 * variable-length integers, 11 octets for ids of up to nine digits.
 */
#include <stdint.h>

#include "core/scope.h"
#include "core/sign.h"

struct verp {
    int64_t broadcast;
    int64_t recipient;
    int channel; /* kind of recipient: 0 a subscriber, 1 a contact of an account */
};

/* Append the return path to b, so that memory does not grow per message. RC_INVALID, with nothing
 * appended, if the local part exceeds 64 octets (ids beyond 10^18). Negative numbers are
 * RC_INTERNAL. */
enum rc verp_address(struct scope *s, const struct sign *keys, const char *domain,
    const struct verp *verp, struct strbuf *b);

/* The recipient of a bounce. RC_DENIED unless we signed the token. Ignores the part before the
 * token and the case of the domain. */
enum rc verp_open(struct scope *s, const struct sign *keys, const char *address, struct verp *ret);
