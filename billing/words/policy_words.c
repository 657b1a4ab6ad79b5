#include "billing/words/words.h"

#include "billing/words/say.h"
#include "core/json.h"

/* The rule in one line: of tiers and steps, each. */
static const char *line(const struct policy_words *p, const json_t *rows, const char *gives)
{
    const char *text = "";
    json_t *row;
    size_t i;
    json_array_foreach(rows, i, row) text =
        scope_printf(p->s, "%s%s%s", text, i ? "; " : "", say(p, "row", json_deep_copy(row)));
    return *text ? text : gives;
}

/* Whether the rule asks for uptime. */
static bool asks_uptime(const struct policy_words *p)
{
    bool asks = json_object_get(p->document, "below");
    json_t *tier;
    size_t i;
    json_array_foreach(json_object_get(p->document, "tiers"), i, tier) asks |=
        json_object_get(tier, "uptime_below") != NULL;
    return asks;
}

json_t *policy_words(const struct policy_words *p)
{
    const char *gives = words_gives(p);
    json_t *rows = words_rows(p);
    return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o}", "line", line(p, rows, gives), "gives", gives,
        "uptime", asks_uptime(p), "rows", rows, "counts", words_counts(p), "limits",
        words_limits(p));
}
