#include "core/mail/mailaddr.h"

#include <idn2.h>
#include <stddef.h>
#include <string.h>

#include "core/utf8.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_alnum(char c)
{
    char l = lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9');
}

static bool is_high(char c)
{
    return (unsigned char)c >= 0x80;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* RFC 5321 atext, and any UTF-8 by RFC 6531. */
static bool is_atext(char c)
{
    return is_alnum(c) || is_high(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

bool mailaddr_needs_utf8(const char *address)
{
    while (*address && !is_high(*address))
        address++;
    return *address != '\0';
}

/* Letters, digits, inner hyphens, 1 to 63 octets; octets outside ASCII where high. */
static bool label_is_good(const char *label, size_t len, bool high)
{
    if (!len || len > (high ? MAILADDR_DOMAIN_MAX : 63))
        return false;
    if (label[0] == '-' || label[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_alnum(label[i]) && label[i] != '-' && !(high && is_high(label[i])))
            return false;
    return true;
}

static bool labels_are_good(const char *domain, bool high)
{
    size_t labels = 0;
    bool digits_only = true; /* of the last label: an IPv4 address is no domain */
    for (const char *at = domain;; at++) {
        size_t len = strcspn(at, ".");
        if (!label_is_good(at, len, high))
            return false;
        digits_only = strspn(at, "0123456789") == len;
        labels++;
        at += len;
        if (!*at)
            break;
    }
    /* The only name without a dot that is valid everywhere (RFC 6761 6.3). */
    return (labels >= 2 && !digits_only) || !strcasecmp(domain, "localhost");
}

static bool needs_idn(const char *domain)
{
    return mailaddr_needs_utf8(domain) || (strstr(domain, "--") && strcasestr(domain, "xn--"));
}

/* Copies what libidn2 allocated into s. */
static enum rc to_a_labels(struct scope *s, const char *domain, char **ret)
{
    uint8_t *found = NULL;
    int rc = idn2_lookup_u8((const uint8_t *)domain, &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (rc != IDN2_OK)
        return fail(s, RC_INVALID, "the domain is not a valid name (%s)", idn2_strerror(rc));
    *ret = scope_strdup(s, (const char *)found);
    idn2_free(found);
    return RC_OK;
}

enum rc mailaddr_domain(struct scope *s, const char *domain, char **ret)
{
    size_t len = strlen(domain);
    if (!len || len > MAILADDR_DOMAIN_MAX)
        return fail(s, RC_INVALID, "a domain has 1 to %d octets", MAILADDR_DOMAIN_MAX);
    if (!labels_are_good(domain, true))
        return fail(s, RC_INVALID,
            "a domain is two or more labels of letters, digits and hyphens with dots between");
    char *ascii = scope_strdup(s, domain);
    if (needs_idn(domain))
        TRY(to_a_labels(s, domain, &ascii));
    for (char *c = ascii; *c; c++)
        *c = lower(*c);
    /* libidn2 maps some characters to dots, so check its result again. */
    if (strlen(ascii) > MAILADDR_DOMAIN_MAX || !labels_are_good(ascii, false))
        return fail(s, RC_INVALID, "the domain is not a valid name");
    *ret = ascii;
    return RC_OK;
}

static bool local_is_dot_atom(const char *local, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool dot = local[i] == '.';
        if (dot && (i == 0 || i + 1 == len || local[i + 1] == '.'))
            return false;
        if (!dot && !is_atext(local[i]))
            return false;
    }
    return len > 0;
}

/* A quoted string of RFC 5321, printable only. */
static bool local_is_quoted(const char *local, size_t len)
{
    if (len < 3 || local[0] != '"' || local[len - 1] != '"')
        return false;
    for (size_t i = 1; i < len - 1; i++) {
        if (is_control(local[i]) || local[i] == '"')
            return false;
        /* A backslash escapes the next octet, which must not be the closing quote. */
        if (local[i] == '\\' && (++i == len - 1 || is_control(local[i]) || is_high(local[i])))
            return false;
    }
    return true;
}

enum rc mailaddr_normalise(struct scope *s, const char *address, char **ret)
{
    const char *at = strrchr(address, '@');
    if (!at)
        return fail(s, RC_INVALID, "a mail address has the form name@domain");
    size_t local_len = (size_t)(at - address);
    if (!local_len || local_len > MAILADDR_LOCAL_MAX)
        return fail(s, RC_INVALID, "the part before the @ has 1 to %d octets", MAILADDR_LOCAL_MAX);
    if (!utf8_is_valid(address, strlen(address)))
        return fail(s, RC_INVALID, "the address is not valid UTF-8");
    if (!local_is_dot_atom(address, local_len) && !local_is_quoted(address, local_len))
        return fail(s, RC_INVALID, "the part before the @ holds characters that no mailbox has");
    char *domain = NULL;
    TRY(mailaddr_domain(s, at + 1, &domain));
    size_t domain_len = strlen(domain);
    if (local_len + 1 + domain_len > MAILADDR_MAX)
        return fail(s, RC_INVALID, "a mail address has at most %d octets", MAILADDR_MAX);
    char *normal = scope_alloc(s, local_len + 1 + domain_len + 1);
    memcpy(normal, address, local_len + 1);
    memcpy(normal + local_len + 1, domain, domain_len + 1);
    *ret = normal;
    return RC_OK;
}

char *mailaddr_unique(struct scope *s, const char *normalised)
{
    char *key = scope_strdup(s, normalised);
    for (char *c = key; *c; c++)
        *c = lower(*c);
    return key;
}

/* The display name before the "<", without surrounding spaces and quotes. */
static enum rc read_name(struct scope *s, const char *text, size_t len, char **ret)
{
    while (len && *text == ' ')
        text++, len--;
    while (len && text[len - 1] == ' ')
        len--;
    bool quoted = len >= 2 && text[0] == '"' && text[len - 1] == '"';
    if (quoted)
        text++, len -= 2;
    char *name = scope_alloc(s, len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_control(text[i]))
            return fail(s, RC_INVALID, "a display name holds no control characters");
        if (quoted && text[i] == '\\' && i + 1 < len)
            i++;
        name[n++] = text[i];
    }
    *ret = name;
    return RC_OK;
}

enum rc mailaddr_split_mailbox(
    struct scope *s, const char *mailbox, char **ret_name, char **ret_address)
{
    size_t len = strlen(mailbox);
    char *name = scope_strdup(s, "");
    const char *address = mailbox;
    if (len && mailbox[len - 1] == '>') {
        const char *open = strrchr(mailbox, '<');
        if (!open)
            return fail(s, RC_INVALID, "a mailbox has the form Name <name@domain>");
        TRY(read_name(s, mailbox, (size_t)(open - mailbox), &name));
        address = scope_strndup(s, open + 1, len - (size_t)(open - mailbox) - 2);
    }
    TRY(mailaddr_normalise(s, address, ret_address));
    *ret_name = name;
    return RC_OK;
}
