#include "api/incidents/incident_post.h"

#include <string.h>

#include "api/call/lookup.h"
#include "api/call/translations.h"
#include "core/json.h"

const char *const incident_states[] = {"investigating", "identified", "monitoring", "resolved",
    "postmortem", "scheduled", "in_progress", "verifying", "completed", "cancelled", NULL};
static const size_t n_incident_only = 5;
const char *const post_title_members[] = {"title", NULL};
const char *const post_body_members[] = {"body", "affected_body", NULL};

const char *const post_levels[] = {"operational", "degraded_performance", "partial_outage",
    "major_outage", "under_maintenance", NULL};

const struct shape post_component_shape = SHAPE("ComponentLevel", struct post_component,
    FIELD(TEXT, component, .required = true, .min = 1, .max = 64, .doc = "Slug."),
    FIELD(TEXT, level, .required = true, .one_of = post_levels,
        .doc = "Level from posted_at on. operational ends the component's impact; resolved, "
               "completed and cancelled end all. In state scheduled: components of the "
               "maintenance, affected from the first update in another state on."));

enum rc post_check_state(struct scope *s, const char *kind, const char *state)
{
    size_t i = 0;
    while (incident_states[i] && strcmp(incident_states[i], state) != 0)
        i++;
    bool of_incident = i < n_incident_only;
    if (of_incident != !strcmp(kind, "incident"))
        return fail_field(s, RC_INVALID, "state", "\"%s\" is not a state of kind %s", state, kind);
    return RC_OK;
}

bool post_is_end(const char *state)
{
    return !strcmp(state, "resolved") || !strcmp(state, "completed") || !strcmp(state, "cancelled");
}

struct texts post_component_column(struct scope *s, const struct list *components, bool slugs)
{
    const char **at = SCOPE_ARRAY(s, const char *, components->n + 1);
    const struct post_component *rows = components->at;
    for (size_t i = 0; i < components->n; i++)
        at[i] = slugs ? rows[i].component : rows[i].level;
    return (struct texts){.at = at, .n = components->n};
}

static enum rc check_plan(struct scope *s, const struct post *post, const struct texts *words)
{
    if (strcmp(post->state, "scheduled") != 0)
        return RC_OK;
    for (size_t i = 0; i < words->n; i++)
        if (strcmp(words->at[i], "under_maintenance") != 0 &&
            strcmp(words->at[i], "operational") != 0)
            return fail_field(s, RC_INVALID, scope_printf(s, "components[%zu].level", i),
                "must be under_maintenance for a scheduled maintenance, or operational to omit the "
                "component");
    return RC_OK;
}

static json_t *components_json(const int64_t *ids, const struct list *components)
{
    const struct post_component *at = components->at;
    json_t *list = json_array();
    for (size_t i = 0; i < components->n; i++)
        json_array_append_new(list, json_pack("{s:I, s:s, s:s}", "id", (json_int_t)ids[i],
                                        "component", at[i].component, "level", at[i].level));
    return list;
}

static json_t *document(struct scope *s, const struct post *post, const int64_t *ids)
{
    bool held = post->hold_seconds > 0 && !post->timed;
    json_t *json =
        json_own(s, json_pack("{s:s, s:s, s:s*, s:o, s:b}", "state", post->state, "body",
                        post->body, "affected_body", post->affected_body, "components",
                        components_json(ids, &post->components), "notify", post->notify));
    post_put_time(s, json, held ? "submitted_at" : "posted_at", post->posted_at);
    if (post->next_update_minutes != SHAPE_NONE)
        json_object_set_new(json, "next_update_minutes", json_integer(post->next_update_minutes));
    if (post->translations)
        json_object_set_new(
            json, "translations", translations_only(post->translations, post_body_members));
    if (post->translations && post->opened)
        json_object_set_new(
            json, "titles", translations_only(post->translations, post_title_members));
    if (post->opened)
        json_object_update(json, (json_t *)post->opened);
    return json;
}

enum rc post_update(struct scope *s, struct db *db, const struct post *post, struct posted *ret)
{
    struct texts slugs = post_component_column(s, &post->components, true);
    struct texts words = post_component_column(s, &post->components, false);
    int64_t *ids;
    TRY(lookup_components(s, db, &slugs, "components[%zu].component", &ids));
    TRY(check_plan(s, post, &words));
    bool opens = post->incident_id == SHAPE_NONE;
    struct post_order order = {.action = opens ? "incident" : "update",
        .incidents = &post->incident_id,
        .n = !opens,
        .ref = post->ref,
        .title = post->title,
        .document = document(s, post, ids),
        .update_id = SHAPE_NONE,
        .hold_seconds = post->hold_seconds,
        .actor = post->actor};
    return post_submit(s, db, &order, ret);
}

int64_t post_time(const struct post *post, const struct posted *posted)
{
    bool moves = posted->held_post_id != SHAPE_NONE && !post->timed;
    return moves ? posted->publish_at : post->posted_at;
}
