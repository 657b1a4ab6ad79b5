#include "api/slack/presets.h"

#include <string.h>

#include "api/slack/ask.h"
#include "api/slack/texts.h"
#include "core/json.h"

#define NO_PRESET "0"

static bool fits(const json_t *one, const char *kind, const char *const *states)
{
    while (states && *states && strcmp(*states, json_get_word(one, "state")) != 0)
        states++;
    return texts_fit(one) && !strcmp(json_get_word(one, "kind"), kind) && (!states || *states);
}

static const char *id_of(struct call *c, const json_t *one)
{
    return scope_printf(c->s, "%lld", json_get_int(one, "id"));
}

/* The one that the view has chosen; else, unless it chose none, the first. */
static const json_t *chosen_of(const struct making *m, bool first)
{
    const char *id = slack_typed(m->view, "template");
    const json_t *one;
    size_t i;
    json_array_foreach(m->presets, i, one)
    {
        if (!strcmp(id_of(m->c, one), id))
            return one;
    }
    return first && strcmp(id, NO_PRESET) != 0 ? json_array_get(m->presets, 0) : NULL;
}

static bool read_presets(struct making *m, const char *const *states, const char **ret_trouble)
{
    json_t *reply, *one;
    size_t i;
    m->presets = json_own(m->c->s, json_array());
    if (!slack_ask(m->c, GET, "/v1/incident-templates?limit=200", NULL, NULL, &reply)) {
        *ret_trouble = slack_problem(m->c, reply);
        return false;
    }
    json_array_foreach(json_object_get(reply, "data"), i, one)
    {
        if (m->kind && fits(one, m->kind, states))
            json_array_append(m->presets, one);
    }
    return true;
}

bool presets_add(struct making *m, const char *const *states, bool first, const char **ret_trouble)
{
    struct call *c = m->c;
    const json_t *one;
    size_t i;
    if (!read_presets(m, states, ret_trouble))
        return false;
    m->preset = chosen_of(m, first);
    const char *id = m->preset ? id_of(c, m->preset) : NO_PRESET;
    const char *ref = json_get_word(m->about, "ref");
    m->of_preset = m->preset ? id : "";
    m->of_both = *ref ? scope_printf(c->s, "%s.%s", id, ref) : m->of_preset;
    if (!json_array_size(m->presets))
        return true;
    json_t *options = json_array();
    json_array_append_new(options, slack_option(c, slack_word(c, "template_none"), NO_PRESET));
    json_array_foreach(m->presets, i, one)
        json_array_append_new(options, slack_option(c, json_get_word(one, "name"), id_of(c, one)));
    making_add(
        m, &(struct slack_field){.name = "template", .asks = true}, slack_select(c, options, id));
    return true;
}
