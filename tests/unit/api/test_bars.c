/* Days and uptime computed from impacts. */
#include "api/public/bars.h"
#include "core/clock.h"
#include "core/shape.h"
#include "tests/unit/tap.h"

#define DAY (86400 * CLOCK_SECOND)
#define NOW (20000 * DAY + DAY / 2)
#define FIRST (NOW - DAY / 2 - 89 * DAY)

static const struct {
    const char *name;
    struct bars_impact impact[3];
    size_t n;
    int day; /* read */
    enum bars_level level;
    int64_t down_us;
} cases[] = {
    {.name = "nothing", .day = 89, .level = BARS_NONE},
    {.name = "an hour today",
        .impact = {{"major_outage", NOW - 2 * DAY / 24, NOW - DAY / 24, "x", "X"}},
        .n = 1,
        .day = 89,
        .level = BARS_MAJOR,
        .down_us = DAY / 24},
    {.name = "still open",
        .impact = {{"partial_outage", NOW - DAY / 24, SHAPE_NONE, "x", "X"}},
        .n = 1,
        .day = 89,
        .level = BARS_PARTIAL,
        .down_us = DAY / 24},
    {.name = "two days, the second seen",
        .impact = {{"partial_outage", FIRST + DAY / 2, FIRST + DAY + DAY / 2, "x", "X"}},
        .n = 1,
        .day = 1,
        .level = BARS_PARTIAL,
        .down_us = DAY},
    {.name = "ends at midnight, next day is whole",
        .impact = {{"major_outage", FIRST, FIRST + DAY, "x", "X"}},
        .n = 1,
        .day = 1,
        .level = BARS_NONE,
        .down_us = DAY},
    {.name = "began before the first day",
        .impact = {{"major_outage", FIRST - 5 * DAY, FIRST + DAY / 4, "x", "X"}},
        .n = 1,
        .day = 0,
        .level = BARS_MAJOR,
        .down_us = DAY / 4},
    {.name = "long over",
        .impact = {{"major_outage", FIRST - 5 * DAY, FIRST - 4 * DAY, "x", "X"}},
        .n = 1,
        .day = 0,
        .level = BARS_NONE},
    {.name = "in the future",
        .impact = {{"under_maintenance", NOW + DAY, NOW + 2 * DAY, "x", "X"}},
        .n = 1,
        .day = 89,
        .level = BARS_NONE},
    {.name = "overlaps count once, the worst shows",
        .impact = {{"partial_outage", FIRST, FIRST + DAY / 2, "x", "X"},
            {"major_outage", FIRST + DAY / 4, FIRST + DAY / 2, "x", "X"}},
        .n = 2,
        .day = 0,
        .level = BARS_MAJOR,
        .down_us = DAY / 2},
    {.name = "degraded is no outage",
        .impact = {{"degraded_performance", FIRST, FIRST + DAY / 2, "x", "X"}},
        .n = 1,
        .day = 0,
        .level = BARS_DEGRADED},
    {.name = "maintenance is no outage",
        .impact = {{"under_maintenance", FIRST, FIRST + DAY / 2, "x", "X"}},
        .n = 1,
        .day = 0,
        .level = BARS_MAINTENANCE},
};

int main(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bars bars;
        bars_count(cases[i].impact, cases[i].n, 0, NOW, &bars);
        ok(bars.day[cases[i].day] == cases[i].level, "%s: level", cases[i].name);
        ok(bars.down_us == cases[i].down_us, "%s: time", cases[i].name);
    }
    struct bars bars = {.span_us = 90 * DAY, .down_us = 1};
    ok(bars_uptime(&bars) == 9999, "a moment of outage is not 100 %%");
    bars.down_us = 0;
    ok(bars_uptime(&bars) == 10000, "no outage is");
    bars_count(NULL, 0, NOW - 2 * DAY, NOW, &bars);
    ok(bars.day[86] == BARS_NO_DATA && bars.day[87] == BARS_NONE, "days before a component differ");
    ok(bars.span_us == 2 * DAY, "its share counts from its first moment");
    bars_count(cases[3].impact, 1, NOW, NOW, &bars);
    ok(bars.day[0] == BARS_PARTIAL && bars.day[2] == BARS_NONE && bars.span_us > 88 * DAY,
        "imported history counts before the component");
    const struct bars_words words = {
        "en", "a \"b\" <c>", {"Major outage", "Partial", "Slow", "Work", "Good", "No data"}};
    const struct bars_impact two[] = {
        {"major_outage", NOW - 3 * DAY / 24, NOW - 2 * DAY / 24, "one&", "First <b>"},
        {"major_outage", NOW - DAY / 24, NOW - DAY / 48, "one&", "First <b>"},
        {"degraded_performance", NOW - DAY / 24, NOW, "two", "Second"},
    };
    SCOPE(s);
    STRBUF(b, 65536);
    bars_count(two, 3, 0, NOW, &bars);
    bars_svg(s, &bars, two, 3, &words, &b);
    ok(strstr(b.buf, "aria-label=\"a &#34;b&#34; &#60;c&#62;\""), "the label is escaped");
    ok(strstr(
           b.buf, "<a class=\"major_outage\" href=\"/incidents/one%26\" data-day=\"2024-10-04\">"),
        "a bad day leads to the incident of its worst impact");
    ok(strstr(b.buf, "<title>Oct 4, 2024\nMajor outage, 1 h 30 min: First &#60;b&#62;\n"
                     "Slow, 1 h: Second</title>"),
        "and lists its incidents with their time");
    return tap_end();
}
