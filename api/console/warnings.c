/* Warnings about impacts and runs, in the language of the page: the API returns a code, its values,
 * and an English text. */
#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "templates/label.h"

/* "1 h 5 min": the units that are not zero, with the labels of the set credit_unit. */
static const char *span(struct call *c, json_int_t seconds)
{
    static const struct {
        const char *unit;
        json_int_t seconds;
    } units[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};
    STRBUF(b, 1024);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        json_int_t n = seconds / units[i].seconds;
        seconds %= units[i].seconds;
        if (!n && (b.len || units[i].seconds > 1))
            continue;
        json_t *values = json_own(c->s, json_pack("{s:I}", "n", n));
        strbuf_addf(&b, "%s%s", b.len ? " " : "",
            label_fill(
                c->s, label_text(c->s, console_locale(c), "credit_unit", units[i].unit), values));
    }
    return strbuf_copy(&b, c->s);
}

static void put_text(struct call *c, json_t *warning)
{
    const char *code = json_get_text(warning, "code");
    const char *label = label_text(c->s, console_locale(c), "credit_warning", code);
    json_t *detail = json_object_get(warning, "detail"), *seconds;
    if (!json_is_object(detail) || !strcmp(label, code))
        return; /* without a label, keep the API's text */
    if ((seconds = json_object_get(detail, "seconds")))
        json_object_set_new(detail, "span", json_string(span(c, json_integer_value(seconds))));
    console_word(c, detail, "state", "staff_credit_state");
    json_object_set_new(warning, "text", json_string(label_fill(c->s, label, detail)));
}

json_t *console_warnings(struct call *c, json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) put_text(c, one);
    return list;
}
