#include "api/post.h"

#include <string.h>

#include "api/lookup.h"

enum { MINUTE_US = 60 * 1000 * 1000 };

const char *const incident_states[] = {"investigating", "identified", "monitoring", "resolved",
    "postmortem", "scheduled", "in_progress", "verifying", "completed", NULL};
static const size_t n_incident_only = 5;

static const char *const levels[] = {"operational", "degraded_performance", "partial_outage",
    "major_outage", "under_maintenance", NULL};

#define SHAPE_STRUCT struct post_component
static const struct field post_component_fields[] = {
    FIELD(TEXT, component, .required = true, .min = 1, .max = 64, .doc = "Slug."),
    FIELD(TEXT, level, .required = true, .one_of = levels,
        .doc = "How it is from posted_at on; operational ends its impact, as resolved and "
               "completed end all."),
};
const struct shape post_component_shape = SHAPE("ComponentLevel", post_component_fields);
#undef SHAPE_STRUCT

STMT(update_insert,
    "INSERT INTO incident_update (incident_id, state, body, posted_at, milestone, created_by)"
    " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    .row = &row_id_shape);
STMT(incident_set_state, "UPDATE incident SET state = $2, resolved_at = CASE"
                         "    WHEN $2 IN ('resolved', 'completed') THEN $3"
                         "    WHEN $2 = 'postmortem' THEN coalesce(resolved_at, $3) END"
                         " WHERE id = $1");
STMT(promise_meet, "UPDATE promise SET met_at = $2 WHERE incident_id = $1 AND met_at IS NULL");
STMT(promise_insert, "INSERT INTO promise (incident_id, update_id, due_at) VALUES ($1, $2, $3)");
STMT(broadcast_of_update,
    "SELECT broadcast_create('update', NULL, $1, $2, NULL, NULL, NULL, NULL, $3, $5, $4) AS id",
    .row = &row_id_shape);

/* What the listed levels change: components whose open impact is another one, or none. */
STMT(impact_changes,
    "SELECT count(*) AS id FROM ("
    "  SELECT FROM current_impact m WHERE m.incident_id = $1 AND m.to_at IS NULL AND ($4 OR EXISTS "
    "("
    "    SELECT FROM unnest($2::bigint[], $3::text[]) u(component_id, level)"
    "     WHERE u.component_id = m.component_id AND u.level <> m.level::text))"
    "  UNION ALL"
    "  SELECT FROM unnest($2::bigint[], $3::text[]) u(component_id, level)"
    "   WHERE u.level <> 'operational' AND NOT EXISTS ("
    "    SELECT FROM current_impact m WHERE m.incident_id = $1 AND m.to_at IS NULL"
    "       AND m.component_id = u.component_id AND m.level::text = u.level)) AS changes",
    .row = &row_id_shape);
STMT(impact_revision_insert,
    "INSERT INTO impact_revision (incident_id, reason, created_by) VALUES ($1, $2, $3)"
    " RETURNING id",
    .row = &row_id_shape);
/* The old set with what ends now closed (an impact that would end before it began never
 * was), and what begins now. */
STMT(impact_carry,
    "WITH u AS (SELECT * FROM unnest($2::bigint[], $3::text[]) u(component_id, level)),"
    " old AS (SELECT m.*, m.to_at IS NULL AND ($4 OR EXISTS (SELECT FROM u"
    "      WHERE u.component_id = m.component_id AND u.level <> m.level::text)) AS ends"
    "   FROM current_impact m WHERE m.incident_id = $1)"
    " INSERT INTO impact (revision_id, component_id, level, from_at, to_at, estimated)"
    " SELECT $5::bigint, component_id, level, from_at,"
    "        CASE WHEN ends THEN $6::timestamptz ELSE to_at END, estimated"
    "   FROM old WHERE NOT (ends AND from_at >= $6)"
    " UNION ALL"
    " SELECT $5::bigint, component_id, level::impact_level, $6::timestamptz, NULL, false"
    "   FROM u WHERE level <> 'operational' AND NOT EXISTS ("
    "     SELECT FROM old WHERE old.component_id = u.component_id AND old.to_at IS NULL"
    "        AND old.level::text = u.level)");
STMT(incident_set_revision, "UPDATE incident SET impact_revision_id = $2 WHERE id = $1");

enum rc post_check_state(struct scope *s, const char *kind, const char *state)
{
    size_t i = 0;
    while (incident_states[i] && strcmp(incident_states[i], state) != 0)
        i++;
    bool of_incident = i < n_incident_only;
    if (of_incident != !strcmp(kind, "incident"))
        return fail_field(s, RC_INVALID, "state", "%s is no state of kind %s", state, kind);
    return RC_OK;
}

bool post_is_end(const char *state)
{
    return !strcmp(state, "resolved") || !strcmp(state, "completed");
}

static bool is_milestone(const struct post *post)
{
    return post->first || post_is_end(post->state) || !strcmp(post->state, "postmortem") ||
           !strcmp(post->state, "in_progress");
}

/* The texts of a column of the listed components. */
static struct texts column(struct scope *s, const struct post *post, size_t offset)
{
    const char **at = SCOPE_ARRAY(s, const char *, post->components.n + 1);
    const struct post_component *rows = post->components.at;
    for (size_t i = 0; i < post->components.n; i++)
        at[i] = *(const char *const *)((const char *)&rows[i] + offset);
    return (struct texts){.at = at, .n = post->components.n};
}

static enum rc change_impacts(struct scope *s, struct db *db, const struct post *post)
{
    struct texts slugs = column(s, post, offsetof(struct post_component, component));
    struct texts level = column(s, post, offsetof(struct post_component, level));
    int64_t *ids;
    TRY(lookup_components(s, db, &slugs, "components[%zu].component", &ids));
    bool ends = post_is_end(post->state);
    /* An end closes every impact, also of a component that it lists as down: an incident
     * that is entered after the fact gets its impacts by PUT. */
    size_t listed = ends ? 0 : slugs.n;
    level.n = listed;
    struct row_id n, revision;
    struct param id = P_INT(post->incident_id), components = P_INTS(s, ids, listed);
    struct param words = P_TEXTS(s, &level), all = P_BOOL(ends);
    TRY(db_one(s, db, &impact_changes, PARAMS(id, components, words, all), &n));
    if (!n.id)
        return RC_OK;
    TRY(db_one(
        s, db, &impact_revision_insert, PARAMS(id, P_TEXT("post"), P_INT(post->actor)), &revision));
    TRY(db_do(s, db, &impact_carry,
        PARAMS(id, components, words, all, P_INT(revision.id), P_TIME(post->posted_at)), NULL));
    return db_do(s, db, &incident_set_revision, PARAMS(id, P_INT(revision.id)), NULL);
}

static enum rc keep_promises(
    struct scope *s, struct db *db, const struct post *post, int64_t update_id)
{
    struct param id = P_INT(post->incident_id);
    TRY(db_do(s, db, &promise_meet, PARAMS(id, P_TIME(post->posted_at)), NULL));
    if (post->next_update_minutes == SHAPE_NONE)
        return RC_OK;
    int64_t due = post->posted_at + post->next_update_minutes * MINUTE_US;
    return db_do(s, db, &promise_insert, PARAMS(id, P_INT(update_id), P_TIME(due)), NULL);
}

enum rc post_update(struct scope *s, struct db *db, const struct post *post, struct posted *ret)
{
    struct row_id update, broadcast = {.id = SHAPE_NONE};
    struct param id = P_INT(post->incident_id);
    bool milestone = is_milestone(post);
    TRY(db_one(s, db, &update_insert,
        PARAMS(id, P_TEXT(post->state), P_TEXT(post->body), P_TIME(post->posted_at),
            P_BOOL(milestone), P_INT(post->actor)),
        &update));
    TRY(change_impacts(s, db, post));
    TRY(db_do(s, db, &incident_set_state, PARAMS(id, P_TEXT(post->state), P_TIME(post->posted_at)),
        NULL));
    TRY(keep_promises(s, db, post, update.id));
    if (post->notify)
        TRY(db_one(s, db, &broadcast_of_update,
            PARAMS(id, P_INT(update.id), P_BOOL(milestone), P_INT(post->actor),
                P_INT(post->hold_seconds)),
            &broadcast));
    *ret = (struct posted){.update_id = update.id, .broadcast_id = broadcast.id};
    return RC_OK;
}
