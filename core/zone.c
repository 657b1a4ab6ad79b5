/* Time zones through GLib, a dependency of GMime: libc supports only one zone per process. */
#include <glib.h>
#include <pthread.h>
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

/* Kept for the life of the process, at most those of the system: reading a zone's file costs a
 * hundred times as much as a conversion. NULL: no zone. */
static GTimeZone *known(const char *name)
{
    static GHashTable *zones;
    if (!zones)
        zones = g_hash_table_new(g_str_hash, g_str_equal);
    GTimeZone *zone = g_hash_table_lookup(zones, name);
    if (!zone && clock_is_zone(name) && (zone = g_time_zone_new_identifier(name)))
        g_hash_table_insert(zones, g_strdup(name), zone);
    return zone ? g_time_zone_ref(zone) : NULL;
}

static GTimeZone *zone_of(const char *name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    GTimeZone *zone = name ? known(name) : NULL;
    pthread_mutex_unlock(&lock);
    return zone ? zone : g_time_zone_new_utc();
}

static char *formatted(struct scope *s, int64_t us, const char *zone, const char *format)
{
    GTimeZone *tz = zone_of(zone);
    GDateTime *utc = g_date_time_new_from_unix_utc(us / CLOCK_SECOND);
    GDateTime *local = utc ? g_date_time_to_timezone(utc, tz) : NULL;
    gchar *text = local ? g_date_time_format(local, format) : NULL;
    char *copy = scope_strdup(s, text ? text : "?");
    g_free(text);
    if (local)
        g_date_time_unref(local);
    if (utc)
        g_date_time_unref(utc);
    g_time_zone_unref(tz);
    return copy;
}

char *clock_local(struct scope *s, int64_t us, const char *zone)
{
    return formatted(s, us, zone, "%Y-%m-%d %H:%M %:z");
}

char *clock_wall(struct scope *s, int64_t us, const char *zone)
{
    return formatted(s, us, zone, "%Y-%m-%dT%H:%M");
}

bool clock_from_wall(const char *text, const char *zone, int64_t *ret_us)
{
    enum { MINUTES = 16, SECONDS = 19 }; /* "2013-01-15T06:06", and with ":07" */
    size_t len = strlen(text);
    if ((len != MINUTES && len != SECONDS) || text[10] != 'T')
        return false;
    GTimeZone *tz = zone_of(zone);
    char full[SECONDS + 1];
    snprintf(full, sizeof full, "%s%s", text, len == MINUTES ? ":00" : "");
    GDateTime *at = g_date_time_new_from_iso8601(full, tz);
    if (at) {
        *ret_us = g_date_time_to_unix(at) * CLOCK_SECOND + g_date_time_get_microsecond(at);
        g_date_time_unref(at);
    }
    g_time_zone_unref(tz);
    return at != NULL;
}
