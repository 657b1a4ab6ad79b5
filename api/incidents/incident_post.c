#include "api/incidents/incident_post.h"

#include <string.h>

#include "api/call/lookup.h"

enum { MINUTE_US = 60 * 1000 * 1000 };

const char *const incident_states[] = {"investigating", "identified", "monitoring", "resolved",
    "postmortem", "scheduled", "in_progress", "verifying", "completed", "cancelled", NULL};
static const size_t n_incident_only = 5;

static const char *const levels[] = {"operational", "degraded_performance", "partial_outage",
    "major_outage", "under_maintenance", NULL};

static const struct shape posted_shape =
    SHAPE("Posted", struct posted, FIELD(INT, update_id), FIELD(INT, broadcast_id));

const struct shape post_component_shape = SHAPE("ComponentLevel", struct post_component,
    FIELD(TEXT, component, .required = true, .min = 1, .max = 64, .doc = "Slug."),
    FIELD(TEXT, level, .required = true, .one_of = levels,
        .doc = "Level from posted_at on. operational ends the component's impact; resolved, "
               "completed and cancelled end all. In state scheduled: components of the "
               "maintenance, affected from the first update in another state on."));

STMT(post_write,
    "SELECT out_update_id AS update_id, out_broadcast_id AS broadcast_id"
    " FROM amends.incident_post($1, $2, $3, $4, $5::bigint[], $6::text[], $7, $8, $9, $10)",
    .row = &posted_shape);

enum rc post_check_state(struct scope *s, const char *kind, const char *state)
{
    size_t i = 0;
    while (incident_states[i] && strcmp(incident_states[i], state) != 0)
        i++;
    bool of_incident = i < n_incident_only;
    if (of_incident != !strcmp(kind, "incident"))
        return fail_field(s, RC_INVALID, "state", "%s is not a state of kind %s", state, kind);
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

enum rc post_update(struct scope *s, struct db *db, const struct post *post, struct posted *ret)
{
    struct texts slugs = post_component_column(s, &post->components, true);
    struct texts words = post_component_column(s, &post->components, false);
    int64_t *ids, due = SHAPE_NONE;
    TRY(lookup_components(s, db, &slugs, "components[%zu].component", &ids));
    TRY(check_plan(s, post, &words));
    if (post->next_update_minutes != SHAPE_NONE)
        due = post->posted_at + post->next_update_minutes * MINUTE_US;
    return db_one(s, db, &post_write,
        PARAMS(P_INT(post->incident_id), P_TEXT(post->state), P_TEXT(post->body),
            P_TIME(post->posted_at), P_INTS(s, ids, slugs.n), P_TEXTS(s, &words),
            P_BOOL(post->notify), P_TIME(due), P_INT(post->actor), P_INT(post->hold_seconds)),
        ret);
}
