/* Time zones as the engine has them against PostgreSQL: each local midnight of two decades, and the
 * local date just before and after it. */
#include "tests/unit/billing/credit_world.h"

#include "billing/zones.h"
#include "core/clock.h"

static const char *const names[] = {"UTC", "America/New_York", "Europe/London", "Europe/Berlin",
    "Australia/Lord_Howe", "America/Sao_Paulo", "America/Havana", "America/Santiago",
    "America/Asuncion", "Asia/Beirut", "Asia/Amman", "Asia/Tehran", "Asia/Kathmandu", "Asia/Tokyo",
    "Africa/Cairo", "Africa/Casablanca", "Atlantic/Azores", "America/St_Johns", "Antarctica/Troll",
    "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Asia/Gaza", "America/Scoresbysund",
    "Asia/Damascus"};

enum { FIRST_DAY = 13149, DAYS = 9130 }; /* 2006 to 2030 */

/* Per date: its midnight and the dates that the wall shows an hour and an instant before. */
static const char question[] =
    "select string_agg(concat_ws(' ', (extract(epoch from m) * 1000000)::bigint,"
    " ((m - interval '1 hour') at time zone z)::date - date '1970-01-01',"
    " ((m - interval '1 microsecond') at time zone z)::date - date '1970-01-01',"
    " (m at time zone z)::date - date '1970-01-01'), E'\\n' order by d)"
    " from (select '%s'::text as z) as z, generate_series(%d, %d) as d,"
    "  lateral amends.credit_midnight(date '1970-01-01' + d, z) as m";

static void check_zone(struct zones *zones, const char *name)
{
    SCOPE(s);
    const struct zone *zone = zones_find(zones, name);
    if (!ok(zone != NULL, "%s is there", name))
        return;
    char *rest, *answers = ask(s, scope_printf(s, question, name, FIRST_DAY, FIRST_DAY + DAYS - 1));
    int wrong = 0, day = FIRST_DAY;
    for (char *line = strtok_r(answers, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        int64_t at = zone_midnight(zone, day);
        char *got = scope_printf(s, "%lld %lld %lld %lld", (long long)at,
            (long long)zone_day(zone, at - 3600 * CLOCK_SECOND), (long long)zone_day(zone, at - 1),
            (long long)zone_day(zone, at));
        if (strcmp(got, line) != 0 && ++wrong <= 3)
            printf("# date %d: PostgreSQL %s, the engine %s\n", day, line, got);
        day++;
    }
    ok(!wrong && day == FIRST_DAY + DAYS, "%s: %d midnights, %zu changes", name, DAYS, zone->n - 1);
}

int main(void)
{
    struct zones *zones = zones_new();
    world_open();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_zone(zones, names[i]);
    ok(zones_find(zones, "Mars/Olympus") == NULL, "no such zone");
    ok(zones_find(zones, "../../etc/passwd") == NULL, "no file outside");
    world_close();
    zones_free(zones);
    return tap_end();
}
