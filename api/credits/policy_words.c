#include "api/credits/policy_words.h"

#include <string.h>

#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

static const char *word(const struct policy_words *p, const char *name)
{
    return json_get_word(p->document, name);
}

static const char *decimal(const struct policy_words *p, const json_t *of, const char *name)
{
    return decimal_local(p->s, json_get_word(of, name), p->locale);
}

/* values: a new reference. */
static const char *say(const struct policy_words *p, const char *label, json_t *values)
{
    const char *text = label_text(p->s, p->locale, "policy_words", label);
    return label_fill(p->s, text, json_own(p->s, values));
}

static void add(const struct policy_words *p, json_t *list, const char *label, json_t *values)
{
    json_array_append_new(list, json_string(say(p, label, values)));
}

/* Basis points as a percentage, "12.5". */
static const char *percent(const struct policy_words *p, json_int_t bp)
{
    const char *text = scope_printf(p->s, "%lld.%02lld", (long long)bp / 100, (long long)bp % 100);
    size_t len = strlen(text);
    while (text[len - 1] == '0')
        len--;
    len -= text[len - 1] == '.';
    return decimal_local(p->s, scope_strndup(p->s, text, len), p->locale);
}

static const char *amounts(const struct policy_words *p)
{
    const char *currency, *text = "";
    json_t *minor;
    json_object_foreach(json_object_get(p->document, "amounts"), currency, minor) text =
        scope_printf(p->s, "%s%s%s", text, *text ? ", " : "",
            money_local(p->s, json_integer_value(minor), currency, p->locale));
    return text;
}

static json_t *tiers(const struct policy_words *p)
{
    json_t *list = json_array(), *tier;
    size_t i;
    json_array_foreach(json_object_get(p->document, "tiers"), i, tier) json_array_append_new(
        list, json_pack("{s:s, s:s}", "uptime_below", decimal(p, tier, "uptime_below"), "percent",
                  decimal(p, tier, "percent")));
    return list;
}

static const char *gives(const struct policy_words *p)
{
    const char *model = word(p, "model"), *multiplier = word(p, "multiplier");
    if (!strcmp(model, "tiered"))
        return say(p, "tiered", json_object());
    if (!strcmp(model, "fixed"))
        return say(p, "fixed", json_pack("{s:s}", "amounts", amounts(p)));
    if (!strcmp(model, "days"))
        return say(p, scope_printf(p->s, "days_%s", word(p, "per")),
            json_pack("{s:s}", "days", decimal(p, p->document, "days")));
    return say(p, !strcmp(multiplier, "1") ? "prorata_once" : "prorata",
        json_pack("{s:s}", "multiplier", decimal(p, p->document, "multiplier")));
}

/* The rule in one line: of tiers, each. */
static const char *line(const struct policy_words *p, const json_t *words)
{
    const char *text = "";
    json_t *tier;
    size_t i;
    json_array_foreach(json_object_get(words, "tiers"), i, tier) text =
        scope_printf(p->s, "%s%s%s", text, *text ? "; " : "", say(p, "tier", json_deep_copy(tier)));
    return *text ? text : json_get_word(words, "gives");
}

static const char *components(const struct policy_words *p)
{
    const char *text = "";
    json_t *slug;
    size_t i;
    json_array_foreach(json_object_get(p->document, "components"), i, slug)
    {
        const char *name = json_get_text(p->names, json_string_value(slug));
        text = scope_printf(
            p->s, "%s%s%s", text, *text ? ", " : "", name ? name : json_string_value(slug));
    }
    return text;
}

static json_t *counts(const struct policy_words *p)
{
    json_t *list = json_array();
    const json_t *bp = json_object_get(p->document, "weights_bp");
    const char *named = components(p);
    json_int_t hours = json_get_int(p->document, "maintenance_notice_hours");
    json_int_t block = json_get_int(p->document, "min_block_seconds");
    add(p, list, *named ? "components" : "components_all", json_pack("{s:s}", "names", named));
    add(p, list, "weights",
        json_pack("{s:s, s:s, s:s}", "major", percent(p, json_get_int(bp, "major_outage")),
            "partial", percent(p, json_get_int(bp, "partial_outage")), "degraded",
            percent(p, json_get_int(bp, "degraded_performance"))));
    add(p, list, "overlap", json_object());
    if (json_is_false(json_object_get(p->document, "exclude_maintenance")))
        add(p, list, "maintenance_counts", json_object());
    else
        add(p, list, hours ? "maintenance_notice" : "maintenance",
            json_pack("{s:I}", "hours", hours));
    if (block)
        add(p, list, "block", json_pack("{s:s}", "span", label_span(p->s, p->locale, block)));
    if (!strcmp(word(p, "audience"), "all"))
        add(p, list, "all", json_object());
    return list;
}

static json_t *limits(const struct policy_words *p)
{
    json_t *list = json_array();
    json_int_t least = json_get_int(p->document, "min_credit_minor");
    add(p, list, "cap", json_pack("{s:s}", "percent", decimal(p, p->document, "cap_percent")));
    add(p, list, word(p, "rounding"), json_object());
    if (least > 1)
        add(p, list, "minimum", json_pack("{s:I}", "units", least));
    return list;
}

json_t *policy_words(const struct policy_words *p)
{
    json_t *words = json_object();
    bool tiered = !strcmp(word(p, "model"), "tiered");
    json_object_set_new(words, "gives", json_string(gives(p)));
    json_object_set_new(words, "tiers", tiered ? tiers(p) : json_array());
    json_object_set_new(words, "line", json_string(line(p, words)));
    json_object_set_new(words, "counts", counts(p));
    json_object_set_new(words, "limits", limits(p));
    return words;
}
