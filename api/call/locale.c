#include "api/call/locale.h"

#include <ctype.h>

#include "core/clock.h"

/* Language, then subtags (RFC 5646 in outline). */
static bool is_locale(const char *text)
{
    for (bool first = true;; first = false) {
        size_t n = 0;
        while (first ? isalpha((unsigned char)text[n]) : isalnum((unsigned char)text[n]))
            n++;
        if (n < (first ? 2 : 1) || n > 8)
            return false;
        text += n;
        if (!*text)
            return true;
        if (*text++ != '-')
            return false;
    }
}

enum rc locale_check(struct scope *s, const char *locale, const char *zone)
{
    if (locale && !is_locale(locale))
        return fail_field(s, RC_INVALID, "locale", "must be a language tag such as \"de-AT\"");
    if (zone && !clock_is_zone(zone))
        return fail_field(s, RC_INVALID, "timezone", "no time zone \"%.60s\"", zone);
    return RC_OK;
}
