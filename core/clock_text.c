/* Times in the reader's language, as CLDR writes them, through ICU. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/ustring.h>

#include "core/clock.h"

enum { FORMATS = 64, TAG = 40, ZONE = 16, PATTERN = 64, TEXT = 128 };

/* Opening a format costs more than using it, and one may be used by one thread at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct format {
    char locale[TAG], zone[ZONE];
    bool seconds;
    UDateFormat *icu;
} kept[FORMATS];
static size_t next;

static UDateFormat *open_format(const char *locale, const char *zone, bool seconds)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar parts[ZONE], pattern[PATTERN], id[ZONE];
    u_uastrcpy(parts, seconds ? "yMMMdjmmssz" : "yMMMdjmmz");
    u_uastrcpy(id, zone);
    UDateTimePatternGenerator *generator = udatpg_open(locale, &status);
    int32_t n = udatpg_getBestPattern(generator, parts, -1, pattern, PATTERN, &status);
    udatpg_close(generator);
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, id, -1, pattern, n, &status);
}

static UDateFormat *format_of(const char *locale, const char *zone, bool seconds)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (kept[i].icu && !strcmp(kept[i].locale, locale) && !strcmp(kept[i].zone, zone) &&
            kept[i].seconds == seconds)
            return kept[i].icu;
    struct format *one = &kept[next++ % FORMATS];
    if (one->icu)
        udat_close(one->icu);
    snprintf(one->locale, sizeof one->locale, "%s", locale);
    snprintf(one->zone, sizeof one->zone, "%s", zone);
    one->seconds = seconds;
    return one->icu = open_format(locale, zone, seconds);
}

/* "UTC" or "GMT+01:00", by the zones of this system and not by those of ICU. */
static const char *offset_of(struct scope *s, int64_t us, const char *zone)
{
    const char *local = clock_local(s, us, zone);
    const char *offset = strrchr(local, ' ');
    return !offset || !strcmp(offset, " +00:00") ? "UTC" : scope_printf(s, "GMT%s", offset + 1);
}

static char *text_of(
    struct scope *s, int64_t us, const char *zone, const char *locale, bool seconds)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[TEXT];
    char text[3 * TEXT];
    const char *offset = offset_of(s, us, zone);
    pthread_mutex_lock(&lock);
    UDateFormat *icu = strlen(locale) < TAG ? format_of(locale, offset, seconds) : NULL;
    int32_t n = icu ? udat_format(icu, (double)us / 1000, wide, TEXT, NULL, &status) : 0;
    pthread_mutex_unlock(&lock);
    for (int32_t i = 0; i < n; i++)
        if (wide[i] == 0x202f || wide[i] == 0xa0)
            wide[i] = ' '; /* a narrow space would cost an SMS half its characters */
    u_strToUTF8(text, sizeof text, NULL, wide, n, &status);
    return icu && U_SUCCESS(status) ? scope_strdup(s, text) : clock_local(s, us, zone);
}

char *clock_text(struct scope *s, int64_t us, const char *zone, const char *locale)
{
    return text_of(s, us, zone, locale, false);
}

char *clock_text_seconds(struct scope *s, int64_t us, const char *zone, const char *locale)
{
    return text_of(s, us, zone, locale, us / CLOCK_SECOND % 60 != 0);
}
