#include "api/console/confirm.h"

#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "templates/label.h"

#define SURE "sure"

bool confirm_given(struct call *c)
{
    return form_get(c->form, SURE) != NULL;
}

/* The fields of the form, without those that the page has anew. */
static json_t *kept(struct call *c)
{
    json_t *list = json_array();
    for (size_t i = 0; i < c->form->n; i++) {
        const struct request_pair *pair = &c->form->at[i];
        if (strcmp(pair->name, "csrf") != 0)
            json_array_append_new(
                list, json_pack("{s:s, s:s}", "field", pair->name, "value", pair->value));
    }
    return list;
}

static void put(
    struct call *c, json_t *context, const char *as, const char *set, const json_t *facts)
{
    const char *label = label_text(c->s, console_locale(c), set, json_get_word(context, "what"));
    json_object_set_new(context, as, json_string(label_fill(c->s, label, facts)));
}

enum rc confirm_ask(struct call *c, const char *what, json_t *facts, const char *back)
{
    json_t *context = json_own(c->s, json_object());
    json_own(c->s, facts);
    json_object_set_new(context, "what", json_string(what));
    put(c, context, "question", "staff_confirm", facts);
    put(c, context, "consequence", "staff_confirm_text", facts);
    put(c, context, "action", "staff_confirm_do", facts);
    json_object_set_new(context, "target", json_string(c->request->target));
    json_object_set_new(context, "back", json_string(back));
    json_object_set_new(context, "kept", kept(c));
    return console_reply(c, "confirm", context);
}

enum rc confirm_ask_named(struct call *c, const char *what, const char *list_path, const char *back)
{
    json_t *list, *one;
    size_t i;
    const char *name = "", *id = form_text(c->form, "id", "0");
    TRY(console_rows(c, list_path, &list));
    json_array_foreach(list, i, one)
    {
        if (!strcmp(scope_printf(c->s, "%lld", json_get_int(one, "id")), id))
            name = json_get_word(one, "name");
    }
    return confirm_ask(c, what, json_pack("{s:s}", "name", name), back);
}

const char *confirm_amounts(struct call *c, const json_t *totals)
{
    const char *text = "";
    json_t *one;
    size_t i;
    json_array_foreach(totals, i, one) text = scope_printf(c->s, "%s%s%s", text, *text ? " + " : "",
        label_money(c->s, json_get_int(one, "amount_minor"), json_get_word(one, "currency"),
            console_locale(c)));
    return *text ? text : "0";
}
