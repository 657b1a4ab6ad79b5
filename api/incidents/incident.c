/* GET /v1/incidents and /v1/incidents/{ref}: incidents as returned by the API. */
#include "api/incidents/incident.h"

#include "api/call/list_page.h"
#include "api/incidents/incidents.h"
#include "core/clock.h"

SHAPE_STATIC(struct told, told_shape, "IncidentUpdate",
    FIELD(INT, id, .required = true, .doc = "Id of the update."),
    FIELD(TEXT, state, .required = true, .doc = "State of the incident from this update on."),
    FIELD(TEXT, body, .required = true, .doc = "Markdown."),
    FIELD(TEXT, affected_body, .nullable = true, .doc = "What the affected read instead."),
    TRANSLATIONS_REPLY(update_texts_shape),
    FIELD(TIME, posted_at, .required = true, .doc = "Time of the update."),
    FIELD_AS(TEXT, "auto", automatic, .nullable = true,
        .doc = "If automatic: started, verifying, completed or rescheduled."),
    FIELD(TIME, edited_at, .nullable = true, .doc = "Time of the last edit."));
SHAPE_STATIC(struct hit, hit_shape, "IncidentImpact",
    FIELD(TEXT, component, .required = true, .doc = "Slug of the component."),
    FIELD(TEXT, level, .required = true, .doc = "Level of the impact."),
    FIELD(TIME, from, .required = true, .doc = "Start."),
    FIELD(TIME, to, .required = true, .nullable = true, .doc = "End; null while it lasts."),
    FIELD(BOOL, estimated, .doc = "Whether its times are an estimate."));
SHAPE_STATIC(struct due, due_shape, "IncidentPromise",
    FIELD(TIME, due_at, .required = true, .doc = "Promised time."),
    FIELD(TIME, met_at, .required = true, .nullable = true,
        .doc = "Time of the update that met it."));

SHAPE_EXTERN(struct title_texts, title_texts_shape, "TitleTexts",
    FIELD(TEXT, title, .min = 1, .max = 250, .doc = "One line."));

SHAPE_EXTERN(struct incident, incident_shape, "Incident",
    FIELD(INT, id, .required = true, .doc = "Id of the incident."),
    FIELD(TEXT, ref, .required = true, .doc = "Name in the API."),
    FIELD(TEXT, title, .required = true, .doc = "One line."), TRANSLATIONS_REPLY(title_texts_shape),
    FIELD(TEXT, kind, .required = true, .doc = "incident or maintenance."),
    FIELD(TEXT, state, .required = true, .doc = "State after the last update."),
    FIELD(TIME, announced_at, .doc = "Time of the announcement to customers."),
    FIELD(TIME, started_at, .required = true, .doc = "Time of the first update."),
    FIELD(TIME, resolved_at, .doc = "End time."),
    FIELD(
        RAW, components, .form = FORM_LIST, .of = &post_component_shape, .doc = "Current levels."),
    FIELD(RAW, updates, .form = FORM_LIST, .of = &told_shape, .doc = "Oldest first; not in lists."),
    FIELD(RAW, impacts, .form = FORM_LIST, .of = &hit_shape,
        .doc = "Of the current revision; not in lists."),
    FIELD(RAW, promises, .form = FORM_LIST, .of = &due_shape,
        .doc = "Promised updates; not in lists."),
    FIELD(TIME, scheduled_from, .doc = "Scheduled start of a maintenance."),
    FIELD(TIME, scheduled_until, .doc = "Scheduled end."),
    FIELD(BOOL, auto_start, .doc = "Whether it starts automatically."),
    FIELD(BOOL, auto_complete, .doc = "Whether it is completed automatically."),
    FIELD(BOOL, auto_notify, .doc = "Whether subscribers are notified of automatic updates."),
    FIELD(INT, verify_minutes, .doc = "Minutes in state verifying before the scheduled end."),
    FIELD(INT, reminder_minutes, .doc = "Minutes from the reminder to the start."),
    FIELD(TIME, reminded_at, .doc = "Time of the reminder."),
    FIELD(RAW, planned, .form = FORM_TEXTS, .doc = "Slugs of the components of the maintenance."),
    FIELD(RAW, broadcast, .form = FORM_INT, .nullable = true,
        .doc = "After a change: id of its broadcast, or null."),
    FIELD(TEXT, audience, .one_of = incident_audiences,
        .doc = "public, affected: only subscribers of accounts in scope hear of it, or both."),
    FIELD(RAW, scope, .form = FORM_OBJECT, .of = &impact_scope_shape,
        .doc = "Scope of the impacts that its posts open."),
    FIELD(INT, accounts,
        .doc = "With audience affected or both: accounts that it concerns now; not in lists."),
    FIELD(TIME, retracted_at, .doc = "Time of its retraction: it was posted by mistake."),
    FIELD(RAW, issued, .form = FORM_LIST, .of = &retracted_credits_shape,
        .doc = "Of a retracted incident: issued credits that used it."),
    POST_HELD_FIELDS);

static const char *const kinds[] = {"incident", "maintenance", NULL};

struct incident_filter {
    struct list_page page;
    bool open;
    const char *q, *state, *kind, *component, *level, *from, *to;
};
const struct shape incident_filter_shape = SHAPE("IncidentFilter", struct incident_filter,
    PAGE_FIELDS("50", 200), FIELD(BOOL, open, .doc = "Only unresolved ones."),
    FIELD(TEXT, q, .max = 200, .doc = "Text of the title, the name in the API or a post."),
    FIELD(TEXT, state, .one_of = incident_states, .doc = "State after the last update."),
    FIELD(TEXT, kind, .one_of = kinds, .doc = "incident or maintenance."),
    FIELD(TEXT, component, .max = 100, .doc = "Slug of an affected or planned component."),
    FIELD(TEXT, level, .one_of = impact_levels,
        .doc = "With an impact of this level or a worse one."),
    FIELD(TEXT, from, .doc = "Day (UTC) of the earliest start, planned for a maintenance."),
    FIELD(TEXT, to, .doc = "Day of the latest start."));

#define INCIDENT_BASE \
    "i.id, i.ref, i.title, nullif(i.translations, '{}') AS translations, i.kind, i.state, " \
    "i.announced_at, i.started_at, i.resolved_at," \
    " i.scheduled_from, i.scheduled_until, i.auto_start, i.auto_complete, i.auto_notify," \
    " i.verify_minutes, i.reminder_minutes, i.reminded_at, i.retracted_at," \
    " i.audience, i.scope"
#define INCIDENT_COMPONENTS \
    "(SELECT coalesce(json_agg(json_build_object('component', c.slug, 'level'," \
    "    coalesce(m.level::text, 'operational')) ORDER BY c.slug), '[]')" \
    "  FROM (SELECT component_id, max(level) FILTER (WHERE to_at IS NULL) AS level" \
    "          FROM amends.current_impact WHERE incident_id = i.id GROUP BY 1) m" \
    "  JOIN component c ON c.id = m.component_id) AS components"

STMT(incident_page,
    "SELECT " INCIDENT_BASE ", " INCIDENT_COMPONENTS
    "  FROM incident i WHERE ($1::bigint = 0 OR i.id < $1)"
    "   AND NOT ($3::boolean AND i.state IN ('resolved', 'postmortem', 'completed', 'cancelled', "
    "'retracted'))"
    "   AND ($4::text IS NULL OR strpos(lower(i.title), lower($4)) > 0"
    "     OR strpos(lower(i.ref), lower($4)) > 0 OR EXISTS (SELECT FROM incident_update u"
    "       WHERE u.incident_id = i.id AND strpos(lower(u.body), lower($4)) > 0))"
    "   AND ($5::text IS NULL OR i.state = $5) AND ($6::text IS NULL OR i.kind = $6)"
    "   AND ($7::text IS NULL OR EXISTS (SELECT FROM component c WHERE c.slug = $7 AND ("
    "     EXISTS (SELECT FROM amends.current_impact m"
    "       WHERE m.incident_id = i.id AND m.component_id = c.id)"
    "     OR EXISTS (SELECT FROM maintenance_component m"
    "       WHERE m.incident_id = i.id AND m.component_id = c.id))))"
    "   AND ($8::text IS NULL OR EXISTS (SELECT FROM amends.current_impact m"
    "     WHERE m.incident_id = i.id AND m.level >= $8::impact_level"
    "       AND ($8 = 'under_maintenance' OR m.level <> 'under_maintenance')))"
    "   AND ($9::date IS NULL OR coalesce(i.scheduled_from, i.started_at)"
    "     >= $9::date::timestamp AT TIME ZONE 'UTC')"
    "   AND ($10::date IS NULL OR coalesce(i.scheduled_from, i.started_at)"
    "     < ($10::date + 1)::timestamp AT TIME ZONE 'UTC')"
    " ORDER BY i.id DESC LIMIT $2",
    .row = &incident_shape);
STMT(incident_whole,
    "SELECT " INCIDENT_BASE ", " INCIDENT_COMPONENTS ","
    "  (SELECT json_agg(json_build_object('id', u.id, 'state', u.state, 'body', u.body,"
    "     'affected_body', u.affected_body, 'translations', u.translations,"
    "     'posted_at', amends.instant(u.posted_at), 'auto', u.auto,"
    "     'edited_at', amends.instant(u.edited_at)) ORDER BY u.id)"
    "     FROM incident_update u WHERE u.incident_id = i.id) AS updates,"
    "  (SELECT coalesce(json_agg(json_build_object('component', c.slug, 'level', m.level,"
    "     'from', amends.instant(m.from_at), 'to', amends.instant(m.to_at),"
    "     'estimated', m.estimated) ORDER BY m.from_at, m.id), '[]')"
    "     FROM amends.current_impact m JOIN component c ON c.id = m.component_id"
    "    WHERE m.incident_id = i.id) AS impacts,"
    "  (SELECT coalesce(json_agg(json_build_object('due_at', amends.instant(p.due_at),"
    "     'met_at', amends.instant(p.met_at)) ORDER BY p.id), '[]')"
    "     FROM promise p WHERE p.incident_id = i.id) AS promises,"
    "  (SELECT coalesce(json_agg(c.slug ORDER BY c.slug), '[]') FROM maintenance_component m"
    "     JOIN component c ON c.id = m.component_id WHERE m.incident_id = i.id) AS planned,"
    "  h.id AS held_post, h.publish_at,"
    "  CASE WHEN i.audience <> 'public' THEN (SELECT count(*) FROM"
    "    amends.incident_accounts(i.id)) END AS accounts,"
    "  CASE i.state WHEN 'retracted' THEN amends.incident_credits(i.id) END AS issued"
    " FROM incident i LEFT JOIN held_post_incident x ON x.incident_id = i.id"
    "   LEFT JOIN held_post h ON h.id = x.held_post_id WHERE i.ref = $1",
    .row = &incident_shape);

STMT(incident_held,
    "SELECT id FROM held_post WHERE ref = $1 AND state = 'held' AND action = 'incident'",
    .row = &row_int);

enum rc incident_missing(struct scope *s, struct db *db, const char *ref)
{
    int64_t id;
    enum rc rc = db_one(s, db, &incident_held, PARAMS(P_TEXT(ref)), &id);
    if (rc == RC_OK)
        return fail(s, RC_CONFLICT,
            "incident \"%.100s\" is not public yet: publish or undo held post %lld first", ref,
            (long long)id);
    return rc == RC_NOT_FOUND ? fail(s, RC_NOT_FOUND, "no incident \"%.100s\"", ref) : rc;
}

static enum rc check_day(struct scope *s, const char *field, const char *day)
{
    return !day || clock_is_date(day)
               ? RC_OK
               : fail_field(s, RC_INVALID, field, "must be a day such as 2026-01-31");
}

enum rc incident_list(struct call *c)
{
    const struct incident_filter *filter = c->query;
    int64_t after;
    TRY(page_open(c, "incidents", &after));
    TRY(check_day(c->s, "from", filter->from));
    TRY(check_day(c->s, "to", filter->to));
    struct list rows;
    TRY(db_all(c->s, c->db, &incident_page,
        PARAMS(P_INT(after), P_INT(filter->page.limit), P_BOOL(filter->open), P_TEXT(filter->q),
            P_TEXT(filter->state), P_TEXT(filter->kind), P_TEXT(filter->component),
            P_TEXT(filter->level), P_TEXT(filter->from), P_TEXT(filter->to)),
        &rows));
    return reply_page(c, "incidents", rows, offsetof(struct incident, id));
}

enum rc reply_incident(struct call *c, const struct posted *posted)
{
    struct incident row;
    TRY(IF_NONE(db_one(c->s, c->db, &incident_whole, PARAMS(P_TEXT(c->param[0])), &row),
        fail(c->s, RC_NOT_FOUND, "no incident \"%.100s\"", c->param[0])));
    if (posted)
        row.broadcast = posted_broadcast(c->s, posted);
    return reply_object(c, &row);
}

enum rc incident_get(struct call *c)
{
    return reply_incident(c, NULL);
}
