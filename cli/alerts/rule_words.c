#include "cli/alerts/rule_words.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"

static void print_matcher(const json_t *matcher)
{
    json_t *value;
    size_t i;
    printf("%s %s %s", json_get_word(matcher, "label"), json_get_word(matcher, "op"),
        json_get_word(matcher, "value"));
    json_array_foreach(json_object_get(matcher, "values"), i, value)
        printf("%s%s", i ? ", " : "", json_string_value(value));
}

void rule_print(const json_t *rule)
{
    const char *component = json_get_text(rule, "component"), *where = component;
    const json_t *match = json_object_get(rule, "match");
    json_t *matcher;
    size_t i;
    if (!where)
        where = json_get_text(rule, "component_label");
    printf("%-6lld %-16s %5lld  %s%-*s %-21s ", json_get_int(rule, "id"),
        json_get_word(rule, "name"), json_get_int(rule, "position"), component || !where ? "" : "$",
        component || !where ? 20 : 19, where ? where : "-", json_get_word(rule, "level"));
    if (!json_array_size(match))
        fputs("every alert", stdout);
    json_array_foreach(match, i, matcher)
    {
        fputs(i ? " and " : "", stdout);
        print_matcher(matcher);
    }
    puts("");
}

/* ": rule errors matches, but ..." */
static void print_missed(const json_t *missed)
{
    const char *because = json_get_word(missed, "because"), *value = json_get_word(missed, "value");
    const char *label = json_get_word(missed, "label");
    if (!*because)
        return;
    printf(": rule %s matches, but ", json_get_word(missed, "rule"));
    if (!strcmp(because, "source"))
        printf("takes only alerts of source \"%s\"", value);
    else if (strcmp(because, "component") != 0)
        printf("the alert has no label \"%s\"", label);
    else
        printf(*label ? "no component is \"%s\", as label \"%s\" says"
                      : "component \"%s\" is archived",
            value, label);
}

void rule_print_tested(const json_t *row)
{
    const char *rule = json_get_text(row, "rule"), *ends = json_get_text(row, "ends_at");
    printf("%s: %s %s\n", json_get_word(row, "title"), ends ? "resolved" : "fires since",
        ends ? ends : json_get_word(row, "starts_at"));
    if (rule) {
        printf("  rule %s: %s, %s\n", rule, json_get_word(row, "component"),
            json_get_word(row, "level"));
        return;
    }
    fputs("  no rule takes it", stdout);
    print_missed(json_object_get(row, "missed"));
    puts("");
}
