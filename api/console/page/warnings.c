/* Warnings about impacts and runs, in the language of the page: the API returns a code, its values,
 * and an English text. */
#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "templates/label.h"

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
