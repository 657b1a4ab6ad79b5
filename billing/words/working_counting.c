/* From outages to the time that counts: grace, the smallest block and the grid. */
#include <string.h>

#include "billing/words/working_numbers.h"
#include "core/json.h"
#include "templates/label.h"

const char *working_title(const struct words_working *w, const char *ref)
{
    const char *title = w->titles ? json_get_text(w->titles, ref) : NULL;
    return title ? title : ref;
}

/* A sentence of a member's two instants. values: more of it, a new reference. */
static void put(const struct words_working *w, json_t *list, const char *label, const json_t *of,
    json_t *values)
{
    json_object_set_new(values, "from", json_string(working_local(w, of, "from")));
    json_object_set_new(values, "to", json_string(working_local(w, of, "to")));
    add(list, working_say(w, label, values));
}

static void put_stretches(const struct words_working *w, const json_t *counting, json_t *list)
{
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(counting, "stretches"), i, one)
    {
        const char *bp = scope_printf(w->s, "%lld", (long long)json_get_int(one, "weight_bp"));
        const char *weight = json_get_text(one, "weight");
        put(w, list, "outage", one,
            json_pack("{s:s, s:s}", "incident", working_title(w, json_get_word(one, "incident")),
                "percent", working_hundredth(w, weight ? weight : bp)));
    }
}

static void put_grace(const struct words_working *w, const json_t *counting, json_t *list)
{
    struct policy_words p = {.s = w->s, .locale = w->locale};
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(counting, "grace"), i, one)
    {
        const char *seconds = json_get_text(one, "seconds");
        const json_t *skipped = json_object_get(one, "skipped");
        const char *dates = json_array_size(skipped) ? joined(&p, skipped, ", ") : NULL;
        put(w, list,
            seconds ? "grace"
            : dates ? "grace_days_skipped"
                    : "grace_days",
            one,
            json_pack("{s:s, s:s, s:I, s:s}", "incident",
                working_title(w, json_get_word(one, "incident")), "seconds",
                seconds ? working_decimal(w, seconds) : "", "days",
                (json_int_t)json_get_int(one, "working_days"), "dates", dates ? dates : ""));
    }
}

static void put_on_grid(
    const struct words_working *w, const json_t *counting, const json_t *block, json_t *list)
{
    bool whole = !strcmp(json_get_word(counting, "count"), "whole");
    bool some = json_get_text(block, "grid_from") != NULL;
    put(w, list,
        !some   ? "grid_none"
        : whole ? "grid_whole"
                : "grid_any",
        block,
        json_pack("{s:s, s:s, s:s}", "quantum",
            working_decimal(w, json_get_word(counting, "quantum_seconds")), "grid_from",
            some ? working_local(w, block, "grid_from") : "", "grid_to",
            some ? working_local(w, block, "grid_to") : ""));
}

static void put_blocks(const struct words_working *w, const json_t *counting, json_t *list)
{
    const char *least = json_get_text(counting, "min_block_seconds");
    bool grid = json_get_text(counting, "quantum_seconds") != NULL;
    json_t *block;
    size_t i;
    json_array_foreach(json_object_get(counting, "blocks"), i, block)
    {
        bool counts = json_is_true(json_object_get(block, "counts"));
        if (least)
            put(w, list, counts ? "block_long" : "block_short", block,
                json_pack("{s:s, s:s}", "seconds",
                    working_decimal(w, json_get_word(block, "seconds")), "least",
                    working_decimal(w, least)));
        if (grid && counts)
            put_on_grid(w, counting, block, list);
    }
}

void working_counting(const struct words_working *w, const json_t *part, json_t *list)
{
    json_t *found = working_of_part(json_object_get(w->explain, "counting"), part);
    const json_t *counting = json_array_get(found, 0);
    const char *what = json_get_text(counting, "grid_for");
    put_stretches(w, counting, list);
    put_grace(w, counting, list);
    put_blocks(w, counting, list);
    if (what && strcmp(what, "both") != 0)
        add(list, working_say(w, scope_printf(w->s, "grid_for_%s", what), json_object()));
    json_decref(found);
}
