/* Time zones through GLib, a dependency of GMime: libc supports only one zone per process. */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"

#define ZONEINFO "/usr/share/zoneinfo/"

static bool is_tzif(const char *name)
{
    char path[sizeof ZONEINFO + 64];
    snprintf(path, sizeof path, ZONEINFO "%s", name);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    char magic[4] = "";
    bool good = fread(magic, 1, sizeof magic, file) == sizeof magic && !memcmp(magic, "TZif", 4);
    fclose(file);
    return good;
}

bool clock_is_zone(const char *name)
{
    size_t len = strlen(name);
    if (!len || len > 64 ||
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789_+-/") != len)
        return false;
    /* PostgreSQL does not know the variants with leap seconds. */
    return *name != '/' && strncmp(name, "right/", 6) != 0 && is_tzif(name);
}

char *clock_local(struct scope *s, int64_t us, const char *zone)
{
    GTimeZone *tz = zone && clock_is_zone(zone) ? g_time_zone_new_identifier(zone) : NULL;
    if (!tz)
        tz = g_time_zone_new_utc();
    GDateTime *utc = g_date_time_new_from_unix_utc(us / CLOCK_SECOND);
    GDateTime *local = utc ? g_date_time_to_timezone(utc, tz) : NULL;
    gchar *text = local ? g_date_time_format(local, "%Y-%m-%d %H:%M %:z") : NULL;
    char *copy = scope_strdup(s, text ? text : "?");
    g_free(text);
    if (local)
        g_date_time_unref(local);
    if (utc)
        g_date_time_unref(utc);
    g_time_zone_unref(tz);
    return copy;
}
