#include "api/slack/status.h"

#include <string.h>

#include "api/access/staff.h"
#include "api/slack/ask.h"
#include "api/slack/blocks.h"
#include "core/json.h"
#include "templates/label.h"

enum { INCIDENTS = 15, LIST_MAX = 64 * 1024 };

static void add_incident(struct call *c, json_t *blocks, const json_t *one)
{
    const char *url = scope_printf(c->s, "%s/staff/incidents/%s", c->api->public_url,
        slack_escaped(c, json_get_word(one, "ref")));
    const char *state = label_text(c->s, slack_locale(c), "state", json_get_word(one, "state"));
    const char *since =
        blocks_time(c->s, json_get_text(one, "started_at"), slack_locale(c), c->staff->timezone);
    json_array_append_new(
        blocks, blocks_section(c->s, scope_printf(c->s, "<%s|%s>\n*%s*  %s", url,
                                         blocks_escape(c->s, json_get_word(one, "title")),
                                         blocks_escape(c->s, state), since)));
    if (!auth_may(c->key, "incidents:write"))
        return;
    json_t *actions = blocks_actions(), *elements = json_object_get(actions, "elements");
    const char *ref = json_get_word(one, "ref");
    json_array_append_new(
        elements, blocks_button(c->s, "amends_update", slack_word(c, "update"), ref, NULL));
    json_array_append_new(
        elements, blocks_button(c->s, "amends_resolve", slack_word(c, "resolve"), ref, NULL));
    json_array_append_new(blocks, actions);
}

/* "API: Partial outage, Login: Degraded performance" */
static const char *affected(struct call *c, const json_t *components)
{
    STRBUF(b, LIST_MAX);
    const json_t *one;
    size_t i;
    json_array_foreach(components, i, one)
    {
        const char *level = json_get_text(one, "level");
        if (!level || !strcmp(level, "operational") || json_get_text(one, "archived_at"))
            continue;
        strbuf_addf(&b, "%s%s: %s", b.len ? ", " : "", json_get_word(one, "name"),
            label_text(c->s, slack_locale(c), "level", level));
    }
    return strbuf_copy(&b, c->s);
}

const char *slack_status(struct call *c, json_t **ret_blocks)
{
    json_t *open, *components, *one;
    size_t i;
    if (!slack_ask(c, GET, scope_printf(c->s, "/v1/incidents?open=true&limit=%d", INCIDENTS), NULL,
            NULL, &open))
        return slack_problem(c, open);
    if (!slack_ask(c, GET, "/v1/components?limit=1000", NULL, NULL, &components))
        return slack_problem(c, components);
    const char *levels = affected(c, json_object_get(components, "data"));
    json_t *blocks = json_pack("[o]", blocks_header(c->s, slack_word(c, "status_title")));
    json_array_foreach(json_object_get(open, "data"), i, one) add_incident(c, blocks, one);
    if (!json_array_size(json_object_get(open, "data")))
        json_array_append_new(blocks, blocks_section(c->s, slack_word(c, "status_none")));
    json_array_append_new(
        blocks, blocks_context(c->s,
                    *levels ? blocks_escape(c->s, levels) : slack_word(c, "status_operational")));
    *ret_blocks = blocks;
    return NULL;
}
