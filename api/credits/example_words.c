#include "api/credits/example_words.h"

#include "api/credits/credit_lines.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

/* Without the invented incident, which has no page. */
static json_t *lines_of(struct scope *s, const char *locale, const json_t *example)
{
    json_t *line, *lines = credit_lines(&(struct credit_lines){.s = s,
                      .locale = locale,
                      .currency = json_get_word(example, "currency"),
                      .lines = json_text(s, json_object_get(example, "lines"))});
    size_t i;
    json_array_foreach(lines, i, line) json_object_set_new(line, "incidents", json_array());
    return lines;
}

json_t *example_words(struct scope *s, const char *locale, const json_t *example)
{
    int64_t from = 0, to = 0, amount = json_get_int(example, "amount_minor");
    const char *currency = json_get_word(example, "currency");
    clock_parse(json_get_word(example, "from"), &from);
    clock_parse(json_get_word(example, "to"), &to);
    const char *gets = money_local(s, amount, currency, locale);
    const char *price = money_local(s, json_get_int(example, "price_minor"), currency, locale);
    const char *level = label_text(s, locale, "level", json_get_word(example, "level"));
    json_t *values =
        json_own(s, json_pack("{s:s, s:s, s:s, s:s, s:s}", "price", price, "amount", gets,
                        "component", json_get_word(example, "component"), "span",
                        label_span(s, locale, (to - from) / CLOCK_SECOND), "level", level));
    const char *text = label_text(s, locale, "policy_words", amount ? "example" : "example_none");
    return json_pack("{s:s, s:s, s:o}", "text", label_fill(s, text, values), "gets", gets, "lines",
        lines_of(s, locale, example));
}
