/* What a policy gives: a sentence, and the rows of its tiers or steps. */
#include <string.h>

#include "billing/words/say.h"
#include "core/json.h"
#include "templates/label.h"

static const char *steps(const struct policy_words *p)
{
    const json_t *document = p->document;
    const char *unit = json_get_text(document, "unit") ? "date" : "seconds";
    const char *partial = field(document, "partial", "started"),
               *per = field(document, "per", "window");
    const char *span = label_span(p->s, p->locale, json_get_int(document, "unit_seconds"));
    const char *counted =
        say(p, scope_printf(p->s, "steps_%s_%s", unit, partial), json_pack("{s:s}", "span", span));
    return scope_printf(p->s, "%s %s", counted,
        say(p, scope_printf(p->s, "steps_%s", per), json_pack("{s:s}", "in", window(p, "in"))));
}

static const char *model(const struct policy_words *p)
{
    const char *name = field(p->document, "model", "");
    const char *multiplier = field(p->document, "multiplier", "1");
    if (!strcmp(name, "tiered"))
        return say(p, "tiered", json_pack("{s:s}", "in", window(p, "in")));
    if (!strcmp(name, "steps"))
        return steps(p);
    if (!strcmp(name, "fixed"))
        return say(p, "fixed",
            json_pack("{s:s}", "amounts", amounts(p, json_object_get(p->document, "amounts"))));
    if (!strcmp(name, "days"))
        return say(p, scope_printf(p->s, "days_%s", field(p->document, "per", "run")),
            json_pack("{s:s}", "days", decimal(p, field(p->document, "days", "0"))));
    return say(p, !strcmp(multiplier, "1") ? "prorata_once" : "prorata",
        json_pack("{s:s}", "multiplier", decimal(p, multiplier)));
}

const char *words_gives(const struct policy_words *p)
{
    bool term = !strcmp(field(p->document, "remedy", "money"), "days");
    return term ? scope_printf(p->s, "%s %s", model(p), say(p, "remedy_days", json_object()))
                : model(p);
}

/* What a tier or step pays: one remedy, the greatest of several, or their sum. */
static const char *pays(const struct policy_words *p, const json_t *row)
{
    json_t *list = json_own(p->s, json_array());
    const char *share = json_get_text(row, "percent"), *days = json_get_text(row, "days");
    const char *hours = json_get_text(row, "hours");
    const json_t *money = json_object_get(row, "amounts");
    if (share)
        add(list,
            say(p, "pay_percent",
                json_pack("{s:s, s:s}", "percent", decimal(p, share), "of", window(p, "of"))));
    if (days)
        add(list, say(p, "pay_days", json_pack("{s:s}", "days", decimal(p, days))));
    if (hours)
        add(list, say(p, "pay_hours", json_pack("{s:s}", "hours", decimal(p, hours))));
    if (money)
        add(list, amounts(p, money));
    const char *text = joined(p, list, "; ");
    if (json_array_size(list) < 2)
        return text;
    const char *how = !strcmp(field(row, "pays", ""), "sum") ? "pay_sum" : "pay_greatest";
    return say(p, how, json_pack("{s:s}", "list", text));
}

static const char *when(const struct policy_words *p, const json_t *row, bool only)
{
    const char *uptime = json_get_text(row, "uptime_below");
    json_int_t down = json_get_int(row, "down_from_seconds"), from = json_get_int(row, "from_unit");
    if (uptime)
        return say(p, "tier_uptime", json_pack("{s:s}", "percent", decimal(p, uptime)));
    if (down)
        return say(p, "tier_down", json_pack("{s:s}", "span", label_span(p->s, p->locale, down)));
    if (only && from <= 1)
        return say(p, "step_all", json_object());
    return say(p, "step_from", json_pack("{s:I}", "n", from ? from : (json_int_t)1));
}

json_t *words_rows(const struct policy_words *p)
{
    const char *name = field(p->document, "model", "");
    const json_t *of = !strcmp(name, "tiered")  ? json_object_get(p->document, "tiers")
                       : !strcmp(name, "steps") ? json_object_get(p->document, "steps")
                                                : NULL;
    json_t *list = json_array(), *row;
    size_t i;
    json_array_foreach(of, i, row) json_array_append_new(
        list, json_pack("{s:s, s:s}", "when", when(p, row, json_array_size(of) == 1), "pays",
                  pays(p, row)));
    return list;
}
