/* Gates, floors, caps and rounding. */
#include <string.h>

#include "billing/words/say.h"
#include "core/json.h"

/* What a cap is: a share or days of a base, or money. */
static const char *bound(const struct policy_words *p, const json_t *cap)
{
    const char *share = json_get_text(cap, "percent"), *days = json_get_text(cap, "days");
    const char *base = field(cap, "of", "window");
    const char *of = !strcmp(base, "window")
                         ? window(p, "of")
                         : say(p, scope_printf(p->s, "of_%s", base), json_object());
    if (share)
        return say(
            p, "pay_percent", json_pack("{s:s, s:s}", "percent", decimal(p, share), "of", of));
    if (days)
        return say(p, "bound_days", json_pack("{s:s, s:s}", "days", decimal(p, days), "of", of));
    return amounts(p, json_object_get(cap, "amounts"));
}

static void caps(const struct policy_words *p, json_t *list)
{
    const json_t *given = json_object_get(p->document, "caps");
    const char *share = field(p->document, "cap_percent", "100");
    json_t *usual = json_own(p->s, json_pack("[{s:s}]", "percent", share)), *cap;
    size_t i;
    if (given && !json_array_size(given))
        add(list, say(p, "no_cap", json_object()));
    json_array_foreach(given ? given : usual, i, cap)
        add(list, say(p, scope_printf(p->s, "cap_%s", field(cap, "per", "window")),
                      json_pack("{s:s}", "bound", bound(p, cap))));
}

static void money(const struct policy_words *p, const char *name, json_t *list)
{
    const json_t *of = json_object_get(p->document, name);
    if (json_object_size(of))
        add(list, say(p, name, json_pack("{s:s}", "amounts", amounts(p, of))));
}

json_t *words_limits(const struct policy_words *p)
{
    json_t *list = json_array();
    const char *below = json_get_text(p->document, "below");
    json_int_t least = json_get_int(p->document, "min_credit_minor");
    const json_t *schedule = json_object_get(p->document, "schedule");
    if (below)
        add(list,
            say(p, "below",
                json_pack("{s:s, s:s}", "in", window(p, "in"), "percent", decimal(p, below))));
    if (json_is_true(json_object_get(p->document, "beyond")))
        add(list, say(p, "beyond", json_object()));
    add(list, say(p, field(p->document, "rounding", "half_up"), json_object()));
    money(p, "at_least", list);
    caps(p, list);
    money(p, "min_credit", list);
    if (least > 1)
        add(list, say(p, "minimum", json_pack("{s:I}", "units", least)));
    if (schedule)
        add(list, say_count(p, "schedule", json_get_int(schedule, "days_after")));
    return list;
}
