#include "api/slack/inputs.h"

#include <string.h>

#include "api/slack/ask.h"
#include "api/slack/blocks.h"
#include "core/json.h"
#include "messages/limits.h"
#include "templates/label.h"

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

static json_t *values_of(const json_t *view)
{
    return json_object_get(json_object_get(view, "state"), "values");
}

/* The option with this value, of those or of their groups; NULL: none. Borrowed. */
static json_t *option_of(const json_t *element, const char *value)
{
    json_t *one, *group, *found = NULL;
    size_t i;
    json_array_foreach(json_object_get(element, "options"), i, one)
    {
        if (!strcmp(json_get_word(one, "value"), value))
            return one;
    }
    json_array_foreach(json_object_get(element, "option_groups"), i, group)
    {
        if ((found = option_of(group, value)))
            return found;
    }
    return NULL;
}

static json_t *options_of(const json_t *element, const json_t *chosen)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(chosen, i, one)
    {
        const char *value =
            json_string_value(json_is_string(one) ? one : json_object_get(one, "value"));
        json_t *option = option_of(element, value);
        if (option)
            json_array_append(list, option);
    }
    return list;
}

static void begin_with(json_t *element, const char *member, json_t *value)
{
    bool none = !value || json_is_null(value) ||
                (json_is_array(value) && !json_array_size(value)) ||
                (json_is_string(value) && !json_string_length(value));
    if (none)
        json_object_del(element, member);
    else
        json_object_set(element, member, value);
    json_decref(value);
}

/* Begin with what was typed in the same block. Slack keeps it as well, says its documentation. */
static void keep(const json_t *view, const char *block, json_t *element)
{
    const json_t *state = json_object_get(json_object_get(values_of(view), block), SLACK_TYPED);
    json_t *option = json_object_get(state, "selected_option");
    if (json_object_get(state, "value"))
        begin_with(element, "initial_value", json_incref(json_object_get(state, "value")));
    if (option)
        begin_with(element, "initial_option",
            json_incref(option_of(element, json_get_word(option, "value"))));
    if (json_object_get(state, "selected_options"))
        begin_with(element, "initial_options",
            options_of(element, json_object_get(state, "selected_options")));
    if (json_object_get(state, "selected_date_time"))
        begin_with(element, "initial_date_time",
            json_incref(json_object_get(state, "selected_date_time")));
}

static const char *block_id(struct call *c, const char *name, const char *mark)
{
    return mark && *mark ? scope_printf(c->s, "%s~%s", name, mark) : name;
}

json_t *slack_input(
    struct call *c, const struct slack_field *field, const json_t *view, json_t *element)
{
    const char *id = block_id(c, field->name, field->mark);
    const char *label = field->label ? field->label : slack_word(c, field->name);
    keep(view, id, element);
    json_t *block = json_pack("{s:s, s:s, s:o, s:o, s:b}", "type", "input", "block_id", id, "label",
        blocks_plain(c->s, label, BLOCKS_INPUT_LABEL), "element", element, "optional",
        field->optional);
    if (field->hint)
        json_object_set_new(block, "hint", blocks_plain(c->s, field->hint, BLOCKS_INPUT_LABEL));
    if (field->asks)
        json_object_set_new(block, "dispatch_action", json_true());
    return block;
}

json_t *slack_input_text(struct call *c, const char *value, bool multiline, int most)
{
    json_t *element = json_pack("{s:s, s:s, s:b, s:i}", "type", "plain_text_input", "action_id",
        SLACK_TYPED, "multiline", multiline, "max_length", most);
    if (value && *value)
        json_object_set_new(
            element, "initial_value", json_string(limits_cut(c->s, value, (size_t)most)));
    return element;
}

json_t *slack_input_moment(void)
{
    return json_pack("{s:s, s:s}", "type", "datetimepicker", "action_id", SLACK_TYPED);
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
    json_t *element = json_pack("{s:s, s:s}", "type", type, "action_id", SLACK_TYPED);
    if (json_array_size(options) > BLOCKS_OPTIONS)
        json_object_set_new(element, "option_groups", groups_of(c, options));
    else
        json_object_set(element, "options", options);
    return element;
}

json_t *slack_select(struct call *c, json_t *options, const char *value)
{
    json_t *element = choice(c, "static_select", options);
    json_t *option = value ? option_of(element, value) : NULL;
    if (option)
        json_object_set(element, "initial_option", option);
    return element;
}

json_t *slack_multi_select(struct call *c, json_t *options, const json_t *values)
{
    json_t *element = choice(c, "multi_static_select", options);
    begin_with(element, "initial_options", options_of(element, values));
    return element;
}

json_t *slack_checkbox(struct call *c, json_t *option)
{
    json_own(c->s, option);
    return json_pack("{s:s, s:s, s:[O], s:[O]}", "type", "checkboxes", "action_id", SLACK_TYPED,
        "options", option, "initial_options", option);
}

bool slack_has_input(const json_t *view, const char *field, const char *mark)
{
    const char *block = slack_block_of(view, field);
    size_t n = strlen(field);
    return block && !strcmp(block[n] ? block + n + 1 : "", mark);
}

const char *slack_block_of(const json_t *view, const char *field)
{
    const char *block;
    json_t *value;
    size_t n = strlen(field);
    json_object_foreach(values_of(view), block, value)
    {
        if (!strncmp(block, field, n) && (!block[n] || block[n] == '~'))
            return block;
    }
    return NULL;
}

static const json_t *state_of(const json_t *view, const char *field)
{
    const char *block = slack_block_of(view, field);
    return block ? json_object_get(json_object_get(values_of(view), block), SLACK_TYPED) : NULL;
}

const char *slack_typed(const json_t *view, const char *field)
{
    const json_t *state = state_of(view, field);
    const json_t *option = json_object_get(state, "selected_option");
    const char *text = option ? json_get_word(option, "value") : json_get_word(state, "value");
    return text[strspn(text, " \t\r\n")] ? text : "";
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
