#include "core/mail/verp.h"

#include <stdbool.h>
#include <string.h>

#include "core/mail/mailaddr.h"

enum { PAYLOAD_MAX = 30 };

/* 7 bits per octet, least significant first; the top bit is set if more follow. */
static size_t write_number(unsigned char *at, uint64_t number)
{
    size_t n = 0;
    for (; number >= 0x80; number >>= 7)
        at[n++] = (unsigned char)(number | 0x80);
    at[n++] = (unsigned char)number;
    return n;
}

static bool read_number(const unsigned char **at, const unsigned char *end, int64_t *ret)
{
    uint64_t number = 0;
    for (int shift = 0; shift < 63 && *at < end; shift += 7) {
        unsigned char c = *(*at)++;
        number |= (uint64_t)(c & 0x7f) << shift;
        if (c & 0x80)
            continue;
        *ret = (int64_t)number;
        return true;
    }
    return false;
}

enum rc verp_address(struct scope *s, const struct sign *keys, const char *domain,
    const struct verp *verp, struct strbuf *b)
{
    unsigned char payload[PAYLOAD_MAX];
    if (verp->broadcast < 0 || verp->recipient < 0 || verp->channel < 0)
        return fail(s, RC_INTERNAL, "a return path has no negative numbers");
    size_t n = write_number(payload, (uint64_t)verp->broadcast);
    n += write_number(payload + n, (uint64_t)verp->recipient);
    n += write_number(payload + n, (uint64_t)verp->channel);
    size_t before = b->len;
    strbuf_addstr(b, "bounces+");
    sign_token(keys, SIGN_RETURN_PATH, payload, n, b);
    if (b->len - before > MAILADDR_LOCAL_MAX) {
        b->len = before;
        b->buf[before] = '\0';
        return fail(s, RC_INVALID, "the return path is too long");
    }
    strbuf_addch(b, '@');
    strbuf_addstr(b, domain);
    return RC_OK;
}

enum rc verp_open(struct scope *s, const struct sign *keys, const char *address, struct verp *ret)
{
    const char *plus = strchr(address, '+');
    const char *at = plus ? strchr(plus, '@') : NULL;
    if (!at)
        return fail(s, RC_DENIED, "no return path of ours");
    char *token = scope_strndup(s, plus + 1, (size_t)(at - plus - 1));
    unsigned char payload[PAYLOAD_MAX];
    size_t len;
    TRY(sign_verify(s, keys, SIGN_RETURN_PATH, token, payload, sizeof payload, &len));
    const unsigned char *from = payload, *end = payload + len;
    struct verp verp;
    int64_t channel;
    if (!read_number(&from, end, &verp.broadcast) || !read_number(&from, end, &verp.recipient) ||
        !read_number(&from, end, &channel) || from != end)
        return fail(s, RC_DENIED, "no return path of ours");
    verp.channel = (int)channel;
    *ret = verp;
    return RC_OK;
}
