#include "messages/chat_event.h"

#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "messages/facts.h"
#include "messages/look.h"

enum { KEY_MAX = 200 };

static const char *const levels[] = {
    "degraded_performance", "partial_outage", "major_outage", "under_maintenance", NULL};

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, json_string(text));
}

static json_t *level_of(const char *worst)
{
    json_t *level = json_object();
    for (const char *const *one = levels; *one; one++)
        json_object_set_new(level, *one, json_boolean(worst && !strcmp(worst, *one)));
    json_object_set_new(level, "known", json_boolean(worst != NULL));
    return level;
}

static const char *key_of(struct scope *s, const struct config *config, const struct broadcast *b)
{
    const char *host = strstr(config->public_url, "://");
    host = host ? host + 3 : config->public_url;
    int len = (int)strcspn(host, "/");
    if (broadcast_is_of_incident(b) && b->facts)
        return scope_printf(s, "%.*s:%.*s", len, host, KEY_MAX, b->facts->incident.ref);
    return scope_printf(s, "%.*s:%s-%lld", len, host, b->kind_name, (long long)b->id);
}

static bool is_over(const char *state)
{
    static const char *const over[] = {
        "resolved", "completed", "cancelled", "retracted", "postmortem", NULL};
    return shape_one_of(over, state);
}

json_t *chat_event(struct scope *s, const struct config *config, const struct broadcast *b)
{
    bool incident = broadcast_is_of_incident(b) && b->facts;
    const char *state = incident ? b->facts->incident.state : "";
    const char *worst = incident ? look_worst(&b->facts->components) : NULL;
    json_t *event = json_own(s, json_object());
    put(event, "key", key_of(s, config, b));
    put(event, "kind", incident ? b->facts->incident.kind : b->kind_name);
    put(event, "state", state);
    put(event, "at", clock_rfc3339(s, incident ? b->facts->incident.posted_at : clock_now()));
    put(event, "colour", incident ? look_tag(b->facts).colour : "");
    json_object_set_new(event, "ended", json_boolean(is_over(state)));
    json_object_set_new(event, "level", level_of(worst));
    return event;
}

const struct provider_action *chat_action(
    const struct provider *channel, const struct broadcast *b, bool follows)
{
    const struct provider_action *at = channel->channel->actions.at;
    bool incident = broadcast_is_of_incident(b) && b->facts;
    const char *words[] = {b->kind_name, incident ? b->facts->incident.kind : "",
        incident ? b->facts->incident.state : ""};
    for (size_t i = 0; i < channel->channel->actions.n; i++) {
        bool fits = !at[i].when.n;
        for (size_t k = 0; k < at[i].when.n; k++)
            for (size_t w = 0; w < sizeof words / sizeof *words; w++)
                fits = fits || !strcmp(at[i].when.at[k], words[w]);
        if (fits && !(at[i].first && follows))
            return &at[i];
    }
    return NULL;
}

json_t *chat_event_sample(struct scope *s)
{
    json_t *event = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "key", "status.example.com:sample",
        "kind", "incident", "state", "investigating", "at", "2025-01-14T10:40:00Z", "colour",
        "#b00020", "ended", 0);
    json_object_set_new(event, "level", level_of("major_outage"));
    return json_own(s, event);
}
