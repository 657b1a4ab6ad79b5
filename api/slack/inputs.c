#include "api/slack/inputs.h"

#include <string.h>

#include "api/slack/ask.h"
#include "api/slack/blocks.h"
#include "core/json.h"
#include "messages/limits.h"
#include "templates/label.h"

#define ACTION "typed"

json_t *slack_view(struct call *c, const char *callback, const char *title, const char *submit)
{
    json_t *view = json_pack("{s:s, s:s, s:o, s:o, s:[]}", "type", "modal", "callback_id", callback,
        "title", blocks_plain(c->s, title, BLOCKS_VIEW_TITLE), "close",
        blocks_plain(c->s, slack_word(c, submit ? "cancel" : "close"), BLOCKS_VIEW_TITLE),
        "blocks");
    if (submit)
        json_object_set_new(view, "submit", blocks_plain(c->s, submit, BLOCKS_VIEW_TITLE));
    return view;
}

json_t *slack_input(
    struct call *c, const char *field, json_t *element, bool optional, const char *hint)
{
    json_t *block = json_pack("{s:s, s:s, s:o, s:o, s:b}", "type", "input", "block_id", field,
        "label", blocks_plain(c->s, slack_word(c, field), BLOCKS_INPUT_LABEL), "element", element,
        "optional", optional);
    if (hint)
        json_object_set_new(block, "hint", blocks_plain(c->s, hint, BLOCKS_INPUT_LABEL));
    return block;
}

json_t *slack_input_text(struct call *c, const char *value, bool multiline, int most)
{
    json_t *element = json_pack("{s:s, s:s, s:b, s:i}", "type", "plain_text_input", "action_id",
        ACTION, "multiline", multiline, "max_length", most);
    if (value && *value)
        json_object_set_new(
            element, "initial_value", json_string(limits_cut(c->s, value, (size_t)most)));
    return element;
}

json_t *slack_input_moment(void)
{
    return json_pack("{s:s, s:s}", "type", "datetimepicker", "action_id", ACTION);
}

json_t *slack_option(struct call *c, const char *text, const char *value)
{
    return json_pack("{s:o, s:s}", "text", blocks_plain(c->s, text, BLOCKS_LABEL), "value", value);
}

json_t *slack_options(struct call *c, const char *const *words, const char *set)
{
    json_t *list = json_array();
    for (; *words; words++)
        json_array_append_new(
            list, slack_option(c, label_text(c->s, slack_locale(c), set, *words), *words));
    return list;
}

/* Of each group its first and last option. */
static json_t *groups_of(struct call *c, const json_t *options)
{
    json_t *groups = json_array();
    for (size_t i = 0; i < json_array_size(options); i += BLOCKS_OPTIONS) {
        json_t *own = json_array();
        for (size_t k = i; k < i + BLOCKS_OPTIONS && k < json_array_size(options); k++)
            json_array_append(own, json_array_get(options, k));
        const json_t *first = json_array_get(own, 0);
        const json_t *last = json_array_get(own, json_array_size(own) - 1);
        const char *label = scope_printf(
            c->s, "%.30s - %.30s", json_get_word(first, "value"), json_get_word(last, "value"));
        json_array_append_new(groups, json_pack("{s:o, s:o}", "label",
                                          blocks_plain(c->s, label, BLOCKS_LABEL), "options", own));
    }
    return groups;
}

static json_t *choice(struct call *c, const char *type, json_t *options)
{
    json_own(c->s, options);
    json_t *element = json_pack("{s:s, s:s}", "type", type, "action_id", ACTION);
    if (json_array_size(options) > BLOCKS_OPTIONS)
        json_object_set_new(element, "option_groups", groups_of(c, options));
    else
        json_object_set(element, "options", options);
    return element;
}

json_t *slack_select(struct call *c, json_t *options, const char *value)
{
    json_t *element = choice(c, "static_select", options), *one;
    size_t i;
    json_array_foreach(options, i, one)
    {
        if (value && !strcmp(json_get_word(one, "value"), value))
            json_object_set(element, "initial_option", one);
    }
    return element;
}

json_t *slack_multi_select(struct call *c, json_t *options)
{
    return choice(c, "multi_static_select", options);
}

json_t *slack_checkbox(struct call *c, json_t *option)
{
    json_own(c->s, option);
    return json_pack("{s:s, s:s, s:[O], s:[O]}", "type", "checkboxes", "action_id", ACTION,
        "options", option, "initial_options", option);
}

static const json_t *state_of(const json_t *view, const char *field)
{
    const json_t *values = json_object_get(json_object_get(view, "state"), "values");
    return json_object_get(json_object_get(values, field), ACTION);
}

const char *slack_typed(const json_t *view, const char *field)
{
    const json_t *state = state_of(view, field);
    const json_t *option = json_object_get(state, "selected_option");
    return option ? json_get_word(option, "value") : json_get_word(state, "value");
}

const char *slack_typed_at(const json_t *view, const char *field, size_t n)
{
    const json_t *options = json_object_get(state_of(view, field), "selected_options");
    return json_get_text(json_array_get(options, n), "value");
}

int64_t slack_typed_moment(const json_t *view, const char *field)
{
    return json_get_int(state_of(view, field), "selected_date_time");
}
