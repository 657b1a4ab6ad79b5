/* /history by month, /incidents/{ref} with the whole timeline. */
#include <string.h>

#include "api/public.h"
#include "core/clock.h"
#include "core/json.h"
#include "templates/label.h"

enum { HISTORY = 1000 };

STMT(past_incidents,
    "SELECT id, ref, title, kind, state, started_at AS at, resolved_at FROM incident"
    " WHERE state <> 'scheduled' ORDER BY started_at DESC, id DESC LIMIT $1",
    .row = &public_row_shape);
STMT(past_incident_head,
    "SELECT i.id, ref, title, kind, state, started_at AS at, resolved_at,"
    "   (SELECT min(p.due_at) FROM promise p WHERE p.incident_id = i.id AND p.met_at IS NULL)"
    "     AS promised_at,"
    "   (SELECT min(m.from_at) FROM current_impact m WHERE m.incident_id = i.id) AS from_at,"
    "   (SELECT max(m.to_at) FROM current_impact m WHERE m.incident_id = i.id) AS to_at"
    "  FROM incident i WHERE ref = $1",
    .row = &public_row_shape);
STMT(past_incident_updates,
    "SELECT id, state, posted_at AS at, body FROM incident_update WHERE incident_id = $1"
    " ORDER BY id DESC",
    .row = &public_row_shape);

struct affected {
    const char *name;
    const char *level;
};
#define SHAPE_STRUCT struct affected
static const struct field affected_fields[] = {FIELD(TEXT, name), FIELD(TEXT, level)};
static const struct shape affected_shape = SHAPE("Affected", affected_fields);
#undef SHAPE_STRUCT

STMT(past_incident_affected,
    "SELECT c.name, max(m.level)::text AS level FROM current_impact m"
    "  JOIN component c ON c.id = m.component_id WHERE m.incident_id = $1"
    " GROUP BY c.id ORDER BY c.name",
    .row = &affected_shape);

/* "2019-01" as a heading: the set "month" has "January {year}" under "01". */
static const char *month_name(const struct edition_job *job, const char *month)
{
    const char *pattern = label_text(job->s, job->locale, "month", month + 5);
    const char *hole = strstr(pattern, "{year}");
    if (!hole)
        return month;
    return scope_printf(
        job->s, "%.*s%.4s%s", (int)(hole - pattern), pattern, month, hole + strlen("{year}"));
}

static enum rc render_history(struct edition_job *job)
{
    struct list rows;
    TRY(db_all(job->s, job->db, &past_incidents, PARAMS(P_INT(HISTORY)), &rows));
    json_t *context = json_own(job->s, json_object()), *months = json_array(), *members = NULL;
    const char *last = "";
    for (size_t i = 0; i < rows.n; i++) {
        const struct public_row *row = (const struct public_row *)rows.at + i;
        const char *month = scope_strndup(job->s, clock_rfc3339(job->s, row->at), 7);
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
    return public_page(job, "history", "history", context);
}

static json_t *affected_json(const struct edition_job *job, const struct list *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < rows->n; i++) {
        const struct affected *row = (const struct affected *)rows->at + i;
        json_t *json = json_object();
        json_object_set_new(json, "name", json_string(row->name));
        json_object_set_new(json, "level", json_string(row->level));
        json_object_set_new(
            json, "label", json_string(label_text(job->s, job->locale, "level", row->level)));
        json_array_append_new(list, json);
    }
    return list;
}

static enum rc render_incident(struct edition_job *job)
{
    struct public_row head;
    struct list updates, affected;
    enum rc rc = db_one(job->s, job->db, &past_incident_head, PARAMS(P_TEXT(job->param)), &head);
    if (rc == RC_NOT_FOUND)
        return fail(job->s, rc, "There is no incident \"%.100s\".", job->param);
    TRY(rc);
    TRY(db_all(job->s, job->db, &past_incident_updates, PARAMS(P_INT(head.id)), &updates));
    TRY(db_all(job->s, job->db, &past_incident_affected, PARAMS(P_INT(head.id)), &affected));
    json_t *context = json_own(job->s, json_object());
    bool maintenance = !strcmp(head.kind, "maintenance");
    json_object_set_new(context, "maintenance", json_boolean(maintenance));
    json_object_set_new(context, "open", json_boolean(head.resolved_at == SHAPE_NONE));
    json_object_set_new(context, "incident", public_row_json(job, &head));
    json_object_set_new(context, "updates", public_rows_json(job, &updates));
    json_object_set_new(context, "affected", affected_json(job, &affected));
    return public_page(job, "incident", head.title, context);
}

const struct edition_kind public_history = {
    .type = "text/html; charset=utf-8", .page = true, .warm = true, .render = render_history};
const struct edition_kind public_incident = {
    .type = "text/html; charset=utf-8", .page = true, .render = render_incident};
