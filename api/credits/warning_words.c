#include "api/credits/warning_words.h"

#include <string.h>

#include "core/json.h"
#include "core/strbuf.h"
#include "templates/label.h"

/* "22 min not stated", if that is so for a minute at least. */
static void add_part(struct scope *s, const char *locale, json_t *detail, const char *seconds,
    const char *label, struct strbuf *b)
{
    int64_t value = json_get_int(detail, seconds);
    if (value < 60)
        return;
    json_t *values = json_own(s, json_pack("{s:s}", "span", label_span(s, locale, value)));
    strbuf_addf(b, "%s%s", b->len ? ", " : "",
        label_fill(s, label_text(s, locale, "credit_warning", label), values));
}

/* Measured and stated windows. */
static void put_difference(struct scope *s, const char *locale, json_t *detail)
{
    STRBUF(b, 1000);
    add_part(s, locale, detail, "unstated_seconds", "unstated", &b);
    add_part(s, locale, detail, "unmeasured_seconds", "unmeasured", &b);
    json_object_set_new(detail, "difference", json_string(b.buf));
    if (!json_object_get(detail, "stated"))
        json_object_set_new(detail, "stated", json_string("–"));
}

void warning_words(struct scope *s, const char *locale, json_t *warning)
{
    const char *code = json_get_text(warning, "code");
    const char *label = label_text(s, locale, "credit_warning", code);
    json_t *detail = json_object_get(warning, "detail"), *seconds;
    if (!json_is_object(detail) || !strcmp(label, code))
        return; /* without a label, keep the API's text */
    if ((seconds = json_object_get(detail, "seconds")))
        json_object_set_new(
            detail, "span", json_string(label_span(s, locale, json_integer_value(seconds))));
    if (!strcmp(code, "measured_differs"))
        put_difference(s, locale, detail);
    const char *state = json_get_text(detail, "state");
    if (state)
        json_object_set_new(
            detail, "state_label", json_string(label_text(s, locale, "staff_credit_state", state)));
    json_object_set_new(warning, "text", json_string(label_fill(s, label, detail)));
}
