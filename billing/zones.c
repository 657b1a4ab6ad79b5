#include "billing/zones.h"

#include <glib.h>
#include <pthread.h>

#include "core/clock.h"
#include "core/scope.h"

struct zones {
    struct scope *s;
    GHashTable *by_name;
};

/* 1900 to 2100, in seconds. GLib itself knows changes of the clocks until 2037. */
static const int64_t first_s = -2208988800, last_s = 4102444800;

struct table {
    GTimeZone *tz;
    GArray *from, *offset;
};

static void add(struct table *table, int64_t from, int interval)
{
    int64_t offset = g_time_zone_get_offset(table->tz, interval) * CLOCK_SECOND;
    g_array_append_val(table->from, from);
    g_array_append_val(table->offset, offset);
}

/* Intervals are numbered by time: halve until each change stands between two seconds. */
static void find_changes(struct table *table, int64_t lo, int lo_n, int64_t hi, int hi_n)
{
    if (lo_n == hi_n)
        return;
    if (hi - lo == 1) {
        add(table, hi * CLOCK_SECOND, hi_n);
        return;
    }
    int64_t mid = lo + (hi - lo) / 2;
    int mid_n = g_time_zone_find_interval(table->tz, G_TIME_TYPE_UNIVERSAL, mid);
    find_changes(table, lo, lo_n, mid, mid_n);
    find_changes(table, mid, mid_n, hi, hi_n);
}

static struct zone *load(struct scope *s, const char *name, GTimeZone *tz)
{
    struct table table = {.tz = tz,
        .from = g_array_new(FALSE, FALSE, sizeof(int64_t)),
        .offset = g_array_new(FALSE, FALSE, sizeof(int64_t))};
    int lo_n = g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, first_s);
    int hi_n = g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, last_s);
    add(&table, INT64_MIN, lo_n);
    find_changes(&table, first_s, lo_n, last_s, hi_n);
    struct zone *zone = SCOPE_NEW(s, struct zone);
    size_t bytes = table.from->len * sizeof(int64_t);
    *zone = (struct zone){.name = scope_strdup(s, name),
        .from = scope_memdup(s, table.from->data, bytes),
        .offset = scope_memdup(s, table.offset->data, bytes),
        .n = table.from->len};
    g_array_free(table.from, TRUE);
    g_array_free(table.offset, TRUE);
    return zone;
}

struct zones *zones_new(void)
{
    struct scope *s = scope_new();
    struct zones *zones = SCOPE_NEW(s, struct zones);
    *zones = (struct zones){.s = s, .by_name = g_hash_table_new(g_str_hash, g_str_equal)};
    return zones;
}

void zones_free(struct zones *zones)
{
    if (!zones)
        return;
    g_hash_table_destroy(zones->by_name);
    scope_free(zones->s);
}

const struct zone *zones_find(void *ctx, const char *name)
{
    struct zones *zones = ctx;
    struct zone *zone = g_hash_table_lookup(zones->by_name, name);
    GTimeZone *tz = !zone && clock_is_zone(name) ? g_time_zone_new_identifier(name) : NULL;
    if (!tz)
        return zone;
    zone = load(zones->s, name, tz);
    g_time_zone_unref(tz);
    g_hash_table_insert(zones->by_name, (gpointer)zone->name, zone);
    return zone;
}

const struct zone *zones_shared(void *ctx, const char *name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct zones *zones;
    (void)ctx;
    pthread_mutex_lock(&lock);
    if (!zones)
        zones = zones_new();
    const struct zone *zone = zones_find(zones, name);
    pthread_mutex_unlock(&lock);
    return zone;
}
