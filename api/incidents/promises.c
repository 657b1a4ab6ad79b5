/* GET /v1/promises: promised updates that are not posted yet. */
#include "api/call/call.h"
#include "api/incidents/incidents.h"

static const char *const promise_states[] = {"due", "overdue", NULL};

SHAPE_EXTERN(struct promise, promise_shape, "Promise",
    FIELD(TEXT, incident, .required = true, .doc = "Ref of the incident."),
    FIELD(TEXT, title, .required = true, .doc = "Its title."),
    FIELD(INT, update, .required = true, .doc = "Id of the update with the promise."),
    FIELD(TEXT, state, .required = true, .doc = "due, or overdue."),
    FIELD(TIME, due_at, .required = true, .doc = "By when."),
    FIELD(INT, late_seconds, .required = true, .doc = "Minutes overdue; negative: minutes left."),
    FIELD(INT, reminders, .required = true, .doc = "Number of alerts to staff."),
    FIELD(TIME, reminded_at, .doc = "Time of the last alert."),
    FIELD(TIME, remind_at, .required = true, .doc = "Time of the next alert."));

SHAPE_EXTERN(struct promise_filter, promise_filter_shape, "PromiseFilter",
    FIELD(TEXT, state, .one_of = promise_states, .doc = "due or overdue; default: both."));

STMT(promise_open,
    "SELECT i.ref AS incident, i.title, p.update_id AS update, x.state, p.due_at,"
    "   floor(extract(epoch FROM now() - p.due_at))::bigint AS late_seconds, p.reminders,"
    "   p.reminded_at, coalesce(p.remind_at, p.due_at) AS remind_at"
    "  FROM promise p JOIN incident i ON i.id = p.incident_id,"
    "   LATERAL (SELECT CASE WHEN p.due_at <= now() THEN 'overdue' ELSE 'due' END AS state) x"
    " WHERE p.met_at IS NULL AND ($1::text IS NULL OR x.state = $1)"
    " ORDER BY p.due_at, p.id LIMIT 1000",
    .row = &promise_shape);

enum rc promise_list(struct call *c)
{
    const struct promise_filter *filter = c->query;
    struct list rows;
    TRY(db_all(c->s, c->db, &promise_open, PARAMS(P_TEXT(filter->state)), &rows));
    return reply_list(c, rows, NULL);
}
