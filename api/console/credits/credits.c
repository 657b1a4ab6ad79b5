#include "api/console/credits/credits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/readers/reader.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

void credits_state(struct call *c, json_t *object)
{
    const char *state = json_get_text(object, "state");
    json_object_set_new(object, "state_label",
        json_string(label_text(c->s, console_locale(c), "staff_credit_state", state)));
}

void credits_states(struct call *c, json_t *list)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) credits_state(c, one);
}

void credits_bars(json_t *list, const char *member)
{
    json_int_t most = 1;
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        json_int_t n = json_get_int(one, member);
        most = n > most ? n : most;
    }
    json_array_foreach(list, i, one)
    {
        json_int_t n = json_get_int(one, member);
        json_object_set_new(
            one, "permille", json_integer((json_int_t)((double)n * 1000 / (double)most)));
    }
}

void credits_take(struct call *c, json_t *body, const char *name)
{
    const char *text = form_text(c->form, name, "");
    if (*text)
        json_object_set_new(body, name, json_string(text));
}

void credits_take_number(struct call *c, json_t *body, const char *name)
{
    const char *text = form_text(c->form, name, "");
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (*text)
        json_object_set_new(
            body, name, *end || errno ? json_string(text) : json_integer((json_int_t)n));
}

void credits_typed(struct call *c, json_t *context, const char *const *names)
{
    for (; *names; names++)
        json_object_set_new(
            context, *names, json_string(c->form ? form_text(c->form, *names, "") : ""));
}

enum rc credits_policies(struct call *c, json_t *context, const char *selected)
{
    json_t *list, *one, *choices = json_array();
    size_t i;
    json_object_set_new(context, "policies", choices);
    TRY(console_rows(c, "/v1/policies?newest=true&limit=1000", &list));
    json_array_foreach(list, i, one)
    {
        const char *name = json_get_text(one, "name");
        json_array_append_new(
            choices, json_pack("{s:s, s:s, s:b}", "value", name, "label",
                         scope_printf(c->s, "%s (%lld)", name, json_get_int(one, "version")),
                         "selected", selected && !strcmp(selected, name)));
    }
    return RC_OK;
}

const char *credits_run_path(struct call *c, const char *tail)
{
    return scope_printf(c->s, "/v1/credit-runs/%s%s", console_escaped(c, c->param[0]), tail);
}
