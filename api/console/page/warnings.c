/* Warnings about impacts and runs, in the language of the page: the API returns a code, its values,
 * and an English text. */
#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "core/strbuf.h"
#include "templates/label.h"

/* "22 min not stated", if that is so for a minute at least. */
static void add_part(
    struct call *c, json_t *detail, const char *seconds, const char *label, struct strbuf *b)
{
    const char *locale = console_locale(c);
    int64_t value = json_get_int(detail, seconds);
    if (value < 60)
        return;
    json_t *values = json_own(c->s, json_pack("{s:s}", "span", label_span(c->s, locale, value)));
    strbuf_addf(b, "%s%s", b->len ? ", " : "",
        label_fill(c->s, label_text(c->s, locale, "credit_warning", label), values));
}

/* Measured and stated windows. */
static void put_difference(struct call *c, json_t *detail)
{
    STRBUF(b, 1000);
    add_part(c, detail, "unstated_seconds", "unstated", &b);
    add_part(c, detail, "unmeasured_seconds", "unmeasured", &b);
    json_object_set_new(detail, "difference", json_string(b.buf));
    if (!json_object_get(detail, "stated"))
        json_object_set_new(detail, "stated", json_string("–"));
}

static void put_text(struct call *c, json_t *warning)
{
    const char *code = json_get_text(warning, "code");
    const char *label = label_text(c->s, console_locale(c), "credit_warning", code);
    json_t *detail = json_object_get(warning, "detail"), *seconds;
    if (!json_is_object(detail) || !strcmp(label, code))
        return; /* without a label, keep the API's text */
    if ((seconds = json_object_get(detail, "seconds")))
        json_object_set_new(detail, "span",
            json_string(label_span(c->s, console_locale(c), json_integer_value(seconds))));
    if (!strcmp(code, "measured_differs"))
        put_difference(c, detail);
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
