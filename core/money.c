#include "core/money.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

/* Active codes of ISO 4217 by their exponent, each followed by one blank. */
static const struct {
    int exponent;
    const char *codes;
} currencies[] = {
    {.exponent = 0,
        .codes = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "},
    {.exponent = 2,
        .codes = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD "
                 "BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB "
                 "EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD "
                 "KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU "
                 "MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
                 "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
                 "TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW "
                 "ZWG DAY "},
    {.exponent = 3, .codes = "BHD IQD JOD KWD LYD OMR TND "},
    {.exponent = 4, .codes = "CLF UYW "},
};

int money_exponent(const char *currency)
{
    if (!currency || strlen(currency) != 3 || strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return -1;
    for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
        if (strstr(currencies[i].codes, currency))
            return currencies[i].exponent;
    }
    return -1;
}

char *money_amount(struct scope *s, int64_t minor, int exponent)
{
    uint64_t size = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
    uint64_t unit = 1;
    for (int i = 0; i < exponent; i++)
        unit *= 10;
    const char *sign = minor < 0 ? "-" : "";
    if (exponent <= 0)
        return scope_printf(s, "%s%" PRIu64, sign, size);
    return scope_printf(s, "%s%" PRIu64 ".%0*" PRIu64, sign, size / unit, exponent, size % unit);
}

enum rc money_parse(struct scope *s, const char *text, const char *currency, int64_t *ret_minor)
{
    int exponent = money_exponent(currency), digits = 0;
    const char *at = text, *dot = NULL;
    int64_t minor = 0;
    if (exponent < 0)
        return fail(s, RC_INVALID, "no currency \"%s\"", currency);
    for (; *at; at++) {
        if (*at == '.' && !dot && at > text) {
            dot = at;
            continue;
        }
        if (*at < '0' || *at > '9' || minor > INT64_MAX / 100000 || (dot && ++digits > exponent))
            return fail(s, RC_INVALID, "\"%s\" is no amount in %s", text, currency);
        minor = 10 * minor + (*at - '0');
    }
    if (at == text || (dot && !digits))
        return fail(s, RC_INVALID, "\"%s\" is no amount in %s", text, currency);
    for (; digits < exponent; digits++)
        minor *= 10;
    *ret_minor = minor;
    return RC_OK;
}

char *money_text(struct scope *s, int64_t minor, const char *currency)
{
    return scope_printf(s, "%s %s", money_amount(s, minor, money_exponent(currency)), currency);
}

/* Between groups of three and before the minor units, by language; a region only where it
 * differs. Other languages write numbers as English does. */
static const struct {
    const char *languages;
    const char *group, *point;
} numbers[] = {
    {.languages = " de-CH de-LI ", .group = "\u2019", .point = "."},
    {.languages = " de nl es it pt da id tr el ", .group = ".", .point = ","},
    {.languages = " fr nb sv fi cs pl ru uk sk bg hu ", .group = "\u00a0", .point = ","},
};

static bool names(struct scope *s, const char *languages, const char *locale, size_t len)
{
    return strstr(languages, scope_printf(s, " %.*s ", (int)len, locale));
}

struct marks {
    const char *group, *point;
};

static struct marks marks_of(struct scope *s, const char *locale)
{
    struct marks marks = {.group = ",", .point = "."};
    for (size_t i = sizeof numbers / sizeof numbers[0]; i-- > 0;)
        if (names(s, numbers[i].languages, locale, strcspn(locale, "-")) ||
            names(s, numbers[i].languages, locale, strlen(locale)))
            marks = (struct marks){.group = numbers[i].group, .point = numbers[i].point};
    return marks;
}

const char *decimal_local(struct scope *s, const char *decimal, const char *locale)
{
    size_t whole = strcspn(decimal, ".");
    if (!decimal[whole])
        return decimal;
    return scope_printf(
        s, "%.*s%s%s", (int)whole, decimal, marks_of(s, locale).point, decimal + whole + 1);
}

char *money_local(struct scope *s, int64_t minor, const char *currency, const char *locale)
{
    struct marks marks = marks_of(s, locale);
    const char *plain = money_amount(s, minor, money_exponent(currency));
    size_t whole = strcspn(plain, "."), start = *plain == '-';
    char *out = scope_strndup(s, plain, start);
    for (size_t i = start; i < whole; i++)
        out = scope_printf(
            s, "%s%s%c", out, i > start && (whole - i) % 3 == 0 ? marks.group : "", plain[i]);
    return scope_printf(s, "%s%s%s %s", out, plain[whole] ? marks.point : "",
        plain[whole] ? plain + whole + 1 : "", currency);
}
