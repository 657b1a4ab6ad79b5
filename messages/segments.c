#include "messages/segments.h"

#include <stdint.h>
#include <string.h>

enum { GSM_ONE = 160, GSM_PART = 153, UCS_ONE = 70, UCS_PART = 67 };

/* Reads one character and moves *at behind it. */
static uint32_t next_char(const unsigned char **at)
{
    const unsigned char *p = *at;
    int more = *p < 0x80 ? 0 : *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : -1;
    uint32_t c = more <= 0 ? *p : *p & (0x3fu >> more);
    if (more < 0) {
        *at = p + 1;
        return 0xfffd;
    }
    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *at = p + 1;
            return 0xfffd;
        }
        c = c << 6 | (p[i] & 0x3f);
    }
    *at = p + 1 + more;
    return c;
}

/* The characters of the basic table outside ASCII (TS 23.038, 6.2.1). */
static const uint16_t gsm_others[] = {0xa3, 0xa5, 0xe8, 0xe9, 0xf9, 0xec, 0xf2, 0xc7, 0xd8, 0xf8,
    0xc5, 0xe5, 0x394, 0x3a6, 0x393, 0x39b, 0x3a9, 0x3a0, 0x3a8, 0x3a3, 0x398, 0x39e, 0xc6, 0xe6,
    0xdf, 0xc9, 0xa4, 0xa1, 0xc4, 0xd6, 0xd1, 0xdc, 0xa7, 0xbf, 0xe4, 0xf6, 0xf1, 0xfc, 0xe0};

/* Septets of a character; 0 if GSM 7 lacks it. */
static int gsm_units(uint32_t c)
{
    if (c == '\f' || c == 0x20ac || (c && c < 0x80 && strchr("^{}\\[~]|", (int)c)))
        return 2;
    if (c == '\n' || c == '\r' || (c >= ' ' && c < 0x7f && c != '`'))
        return 1;
    for (size_t i = 0; i < sizeof gsm_others / sizeof gsm_others[0]; i++)
        if (gsm_others[i] == c)
            return 1;
    return 0;
}

static int units_of(uint32_t c, bool gsm7)
{
    if (gsm7)
        return gsm_units(c);
    return c > 0xffff ? 2 : 1;
}

static bool is_gsm7(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at;)
        if (!gsm_units(next_char(&at)))
            return false;
    return true;
}

struct segments segments_count(const char *text)
{
    struct segments n = {.gsm7 = is_gsm7(text)};
    int one = n.gsm7 ? GSM_ONE : UCS_ONE, part = n.gsm7 ? GSM_PART : UCS_PART;
    int parts = 1, used = 0;
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        int units = units_of(next_char(&at), n.gsm7);
        n.units += units;
        /* An escape or a surrogate pair is never split over two parts. */
        if (used + units > part) {
            parts++;
            used = 0;
        }
        used += units;
    }
    n.segments = !n.units ? 0 : n.units <= one ? 1 : parts;
    return n;
}

size_t segments_prefix(const char *text, size_t n)
{
    const unsigned char *at = (const unsigned char *)text;
    while (n-- && *at)
        next_char(&at);
    return (size_t)((const char *)at - text);
}
