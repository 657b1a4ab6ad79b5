#include "messages/card.h"

#include <string.h>

#include "core/json.h"
#include "templates/label.h"

static const struct {
    const char *what, *action, *label, *style, *confirm;
} buttons[] = {{"suggestion", "amends_suggestion_publish", "publish", "primary", NULL},
    {"suggestion", "amends_suggestion_dismiss", "dismiss", "danger", "dismiss_ask"},
    {"alerts_over", "amends_suggestion_resolve", "resolve", "primary", NULL},
    {"run", "amends_run_approve", "approve", "primary", NULL}};

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

json_t *card_buttons(struct scope *s, const char *locale, const json_t *detail)
{
    json_t *list = json_array();
    const char *what = json_get_word(detail, "what");
    const char *value = scope_printf(s, "%lld", json_get_int(detail, "id"));
    for (size_t i = 0; i < sizeof buttons / sizeof buttons[0]; i++) {
        if (strcmp(buttons[i].what, what) != 0)
            continue;
        const char *ask = buttons[i].confirm;
        json_array_append_new(list,
            json_pack("{s:s, s:s, s:s, s:o, s:o, s:s, s:s}", "action", buttons[i].action, "value",
                value, "label", label_text(s, locale, "staff_card", buttons[i].label), "style",
                text_or_null(buttons[i].style), "confirm",
                text_or_null(ask ? label_text(s, locale, "staff_card", ask) : NULL), "yes",
                label_text(s, locale, "staff_card", "yes"), "no",
                label_text(s, locale, "staff_card", "no")));
    }
    return list;
}
