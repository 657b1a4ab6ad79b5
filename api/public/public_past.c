/* /history and /history/{month} by month, /incidents/{ref} with the whole timeline. */
#include <string.h>

#include "api/public/incident_page.h"
#include "api/public/timeline.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

/* A page ends with the month in which it reaches this number. */
enum { HISTORY = 1000, PAGE = 50 };

/* A maintenance is listed at its scheduled time. $2: the newest month, or null. */
STMT(past_incidents,
    "SELECT i.id, i.ref, " PUBLIC_TITLE ", i.kind, i.state, x.at, i.resolved_at, " PUBLIC_COMPONENTS
    "  FROM amends.public_incident i, LATERAL (SELECT coalesce(i.scheduled_from, i.started_at) AS "
    "at) x"
    " WHERE i.state <> 'scheduled' AND ($2::text IS NULL"
    "   OR x.at < (($2 || '-01')::timestamp + interval '1 month') AT TIME ZONE 'UTC')"
    " ORDER BY x.at DESC, i.id DESC LIMIT $1",
    .row = &public_row_shape);
STMT(past_incident_head,
    "SELECT i.id, i.ref, " PUBLIC_TITLE ", i.kind, i.state, i.started_at AS at,"
    "   i.resolved_at,"
    "   (SELECT min(p.due_at) FROM promise p WHERE p.incident_id = i.id AND p.met_at IS NULL)"
    "     AS promised_at,"
    "   " PUBLIC_WINDOW "  FROM amends.public_incident i WHERE ref = $1",
    .row = &public_row_shape);
STMT(past_incident_updates,
    "SELECT u.id, u.state, u.posted_at AS at, " PUBLIC_BODY ", " PUBLIC_COVERS
    ", u.edited_at FROM incident_update u"
    " WHERE u.incident_id = $1 ORDER BY u.id DESC",
    .row = &public_row_shape);

const struct shape incident_component_shape = SHAPE("Affected", struct incident_component,
    FIELD(TEXT, name), FIELD(TEXT, translations), FIELD(TEXT, level));
const struct shape incident_impact_shape =
    SHAPE("PastImpact", struct incident_impact, FIELD(TEXT, name), FIELD(TEXT, translations),
        FIELD(TEXT, level), FIELD(TIME, from_at), FIELD(TIME, to_at));

STMT(past_incident_affected,
    "SELECT c.name, c.translations, coalesce(max(m.level), 'under_maintenance')::text AS level"
    "  FROM component c LEFT JOIN amends.current_impact m ON m.component_id = c.id AND "
    "m.incident_id = $1"
    " WHERE m.id IS NOT NULL OR EXISTS (SELECT FROM maintenance_component x"
    "    WHERE x.incident_id = $1 AND x.component_id = c.id)"
    " GROUP BY c.id ORDER BY c.name",
    .row = &incident_component_shape);

STMT(past_incident_impacts,
    "SELECT c.name, c.translations, m.level::text, m.from_at, m.to_at"
    "  FROM amends.current_impact m JOIN component c ON c.id = m.component_id"
    " WHERE m.incident_id = $1 AND m.from_at <= now() ORDER BY m.from_at, c.name",
    .row = &incident_impact_shape);

/* "2019-01" as a heading: the set "month" has "January {year}" under "01". */
static const char *month_name(const struct cached_page_job *job, const char *month)
{
    const char *pattern = label_text(job->s, job->locale, "month", month + 5);
    json_t *values = json_own(job->s, json_pack("{s:s%}", "year", month, (size_t)4));
    return label_fill(job->s, pattern, values);
}

static enum rc render_history(struct cached_page_job *job)
{
    struct list rows;
    if (job->param && !clock_is_date(scope_printf(job->s, "%s-01", job->param)))
        return fail(job->s, RC_NOT_FOUND, "There is no month \"%.100s\".", job->param);
    TRY(db_all(
        job->s, job->db, &past_incidents, PARAMS(P_INT(HISTORY), P_TEXT(job->param)), &rows));
    json_t *context = json_own(job->s, json_object()), *months = json_array(), *members = NULL;
    const char *last = "";
    for (size_t i = 0; i < rows.n; i++) {
        const struct public_row *row = (const struct public_row *)rows.at + i;
        const char *month = scope_strndup(job->s, clock_rfc3339(job->s, row->at), 7);
        if (strcmp(month, last) != 0 && i >= PAGE) {
            json_object_set_new(context, "older", json_string(month));
            break;
        }
        if (strcmp(month, last) != 0) {
            json_t *json = json_object();
            members = json_array();
            json_object_set_new(json, "name", json_string(month_name(job, month)));
            json_object_set_new(json, "incidents", members);
            json_array_append_new(months, json);
            last = month;
        }
        json_array_append_new(members, public_row_json(job, row));
    }
    json_object_set_new(context, "months", months);
    json_object_set_new(context, "later", json_boolean(job->param != NULL));
    if (!json_object_get(context, "older"))
        json_object_set_new(context, "older", json_null());
    return public_page(job, "history", "history", context);
}

static json_t *affected_json(const struct cached_page_job *job, const struct list *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < rows->n; i++) {
        const struct incident_component *row = (const struct incident_component *)rows->at + i;
        json_t *json = json_object();
        struct translation name =
            translation_of(job->s, row->translations, job->locale, "name", row->name);
        json_object_set_new(json, "name", json_string(name.text));
        json_object_set_new(json, "level", json_string(row->level));
        json_object_set_new(
            json, "label", json_string(label_text(job->s, job->locale, "level", row->level)));
        json_array_append_new(list, json);
    }
    return list;
}

static json_t *picture(
    const struct cached_page_job *job, const struct list *impacts, const struct list *updates)
{
    const struct incident_impact *impact = impacts->at;
    const struct public_row *update = updates->at;
    struct timeline_impact *bars = SCOPE_ARRAY(job->s, struct timeline_impact, impacts->n + 1);
    int64_t *posts = SCOPE_ARRAY(job->s, int64_t, updates->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < impacts->n; i++)
        bars[i] = (struct timeline_impact){
            translation_of(job->s, impact[i].translations, job->locale, "name", impact[i].name)
                .text,
            impact[i].level, impact[i].from_at, impact[i].to_at};
    for (size_t i = 0; i < updates->n; i++)
        if (strcmp(update[i].state, "postmortem") != 0) /* days later, it would squeeze the rest */
            posts[n++] = update[i].at;
    struct timeline timeline = {.impacts = bars,
        .n_impacts = impacts->n,
        .posts = posts,
        .n_posts = n,
        .now = clock_now(),
        .label = label_text(job->s, job->locale, "page", "picture"),
        .locale = job->locale,
        .zone = job->zone};
    return timeline_json(job->s, &timeline);
}

void incident_put(
    const struct cached_page_job *job, const struct incident_page *page, json_t *context)
{
    bool maintenance = !strcmp(page->head.kind, "maintenance");
    json_object_set_new(context, "maintenance", json_boolean(maintenance));
    json_object_set_new(context, "incident", public_row_json(job, &page->head));
    json_object_set_new(context, "updates", public_rows_json(job, &page->updates));
    json_object_set_new(context, "affected", affected_json(job, &page->components));
    json_object_set_new(context, "timeline", picture(job, &page->impacts, &page->updates));
}

static enum rc render_incident(struct cached_page_job *job)
{
    struct incident_page page;
    TRY(IF_NONE(
        db_one(job->s, job->db, &past_incident_head, PARAMS(P_TEXT(job->param)), &page.head),
        fail(job->s, RC_NOT_FOUND, "There is no incident \"%.100s\".", job->param)));
    int64_t id = page.head.id;
    TRY(db_all(job->s, job->db, &past_incident_updates, PARAMS(P_INT(id)), &page.updates));
    TRY(db_all(job->s, job->db, &past_incident_affected, PARAMS(P_INT(id)), &page.components));
    TRY(db_all(job->s, job->db, &past_incident_impacts, PARAMS(P_INT(id)), &page.impacts));
    json_t *context = json_own(job->s, json_object());
    json_object_set_new(context, "open", json_boolean(page.head.resolved_at == SHAPE_NONE));
    json_object_set_new(context, "visit", json_null());
    incident_put(job, &page, context);
    return public_page(job, "incident", public_row_title(job, &page.head).text, context);
}

const struct cached_page_kind public_history = {
    .type = "text/html; charset=utf-8", .page = true, .warm = true, .render = render_history};
const struct cached_page_kind public_month = {
    .type = "text/html; charset=utf-8", .page = true, .render = render_history};
const struct cached_page_kind public_incident = {
    .type = "text/html; charset=utf-8", .page = true, .render = render_incident};
