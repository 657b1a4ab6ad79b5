/* Times in the reader's language, as CLDR writes them, through ICU. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/udateintervalformat.h>
#include <unicode/udatpg.h>
#include <unicode/ustring.h>

#include "core/clock.h"

enum { FORMATS = 64, TAG = 40, ZONE = 16, PATTERN = 64, TEXT = 128 };

/* Opening a format costs more than using it, and one may be used by one thread at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
enum detail { DATE, MINUTES, SECONDS };
static const char *const parts_of[] = {"yMMMd", "yMMMdjmmz", "yMMMdjmmssz"};
static struct format {
    char locale[TAG], zone[ZONE];
    enum detail detail;
    UDateFormat *icu;
    UDateIntervalFormat *span; /* opened when first used */
} kept[FORMATS];
static size_t next;

static UDateFormat *open_format(const char *locale, const char *zone, enum detail detail)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar parts[ZONE], pattern[PATTERN], id[ZONE];
    u_uastrcpy(parts, parts_of[detail]);
    u_uastrcpy(id, zone);
    UDateTimePatternGenerator *generator = udatpg_open(locale, &status);
    int32_t n = udatpg_getBestPattern(generator, parts, -1, pattern, PATTERN, &status);
    udatpg_close(generator);
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, id, -1, pattern, n, &status);
}

static struct format *format_of(const char *locale, const char *zone, enum detail detail)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (kept[i].icu && !strcmp(kept[i].locale, locale) && !strcmp(kept[i].zone, zone) &&
            kept[i].detail == detail)
            return &kept[i];
    struct format *one = &kept[next++ % FORMATS];
    if (one->icu)
        udat_close(one->icu);
    if (one->span)
        udtitvfmt_close(one->span);
    one->span = NULL;
    snprintf(one->locale, sizeof one->locale, "%s", locale);
    snprintf(one->zone, sizeof one->zone, "%s", zone);
    one->detail = detail;
    one->icu = open_format(locale, zone, detail);
    return one;
}

/* "UTC" or "GMT+01:00", by the zones of this system and not by those of ICU. */
static const char *offset_of(struct scope *s, int64_t us, const char *zone)
{
    const char *local = clock_local(s, us, zone);
    const char *offset = strrchr(local, ' ');
    return !offset || !strcmp(offset, " +00:00") ? "UTC" : scope_printf(s, "GMT%s", offset + 1);
}

/* NULL: it has none. A narrow space would cost an SMS half its characters. */
static char *utf8_of(struct scope *s, UChar *wide, int32_t n)
{
    UErrorCode status = U_ZERO_ERROR;
    char text[3 * TEXT];
    for (int32_t i = 0; i < n; i++)
        if (wide[i] == 0x202f || wide[i] == 0xa0 || wide[i] == 0x2009)
            wide[i] = ' ';
    u_strToUTF8(text, sizeof text, NULL, wide, n, &status);
    return n > 0 && U_SUCCESS(status) ? scope_strdup(s, text) : NULL;
}

/* NULL: ICU has no words for it. */
static char *words_of(
    struct scope *s, int64_t us, const char *offset, const char *locale, enum detail detail)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[TEXT];
    pthread_mutex_lock(&lock);
    struct format *one = strlen(locale) < TAG ? format_of(locale, offset, detail) : NULL;
    int32_t n =
        one && one->icu ? udat_format(one->icu, (double)us / 1000, wide, TEXT, NULL, &status) : 0;
    pthread_mutex_unlock(&lock);
    return U_SUCCESS(status) ? utf8_of(s, wide, n) : NULL;
}

static char *text_of(
    struct scope *s, int64_t us, const char *zone, const char *locale, enum detail detail)
{
    char *text = words_of(s, us, offset_of(s, us, zone), locale, detail);
    return text ? text : clock_local(s, us, zone);
}

static int32_t format_span(
    const char *locale, const char *offset, double from, double to, UChar *wide, UErrorCode *status)
{
    struct format *one = format_of(locale, offset, MINUTES);
    if (!one->span) {
        UChar parts[ZONE], id[ZONE];
        u_uastrcpy(parts, parts_of[MINUTES]);
        u_uastrcpy(id, offset);
        one->span = udtitvfmt_open(locale, parts, -1, id, -1, status);
    }
    return one->span ? udtitvfmt_format(one->span, from, to, wide, TEXT, NULL, status) : 0;
}

char *clock_text_span(
    struct scope *s, int64_t from, int64_t to, const char *zone, const char *locale)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[TEXT];
    const char *offset = offset_of(s, from, zone);
    char *text = NULL;
    if (strlen(locale) < TAG && !strcmp(offset, offset_of(s, to, zone))) {
        pthread_mutex_lock(&lock);
        int32_t n =
            format_span(locale, offset, (double)from / 1000, (double)to / 1000, wide, &status);
        pthread_mutex_unlock(&lock);
        text = U_SUCCESS(status) ? utf8_of(s, wide, n) : NULL;
    }
    return text ? text
                : scope_printf(s, "%s \u2013 %s", clock_text(s, from, zone, locale),
                      clock_text(s, to, zone, locale));
}

char *clock_text(struct scope *s, int64_t us, const char *zone, const char *locale)
{
    return text_of(s, us, zone, locale, MINUTES);
}

char *clock_text_seconds(struct scope *s, int64_t us, const char *zone, const char *locale)
{
    return text_of(s, us, zone, locale, us / CLOCK_SECOND % 60 ? SECONDS : MINUTES);
}

char *clock_text_day(struct scope *s, const char *day, const char *locale)
{
    int64_t us;
    char *text = NULL;
    if (clock_parse(scope_printf(s, "%sT00:00:00Z", day), &us))
        text = words_of(s, us, "UTC", locale, DATE);
    return text ? text : scope_strdup(s, day);
}
