/* GET /v1/broadcasts. */
#include "api/broadcasts/broadcast_live.h"
#include "api/call/call.h"
#include "api/call/list_page.h"
#include "api/broadcasts/broadcasts.h"

SHAPE_EXTERN(struct broadcast_line, broadcast_line_shape, "BroadcastLine",
    FIELD(INT, id, .required = true, .doc = "Id of the broadcast."),
    FIELD(TEXT, kind, .required = true, .doc = "update, digest, notice, credit_notice ..."),
    FIELD(TEXT, state, .required = true, .one_of = broadcast_states, .doc = "Progress."),
    FIELD(TEXT, incident, .doc = "ref of its incident."),
    FIELD(TEXT, title, .doc = "Title of its incident."),
    FIELD(INT, update, .doc = "Id of its update."), FIELD(INT, credit_run, .doc = "Id of its run."),
    FIELD(TEXT, subject, .doc = "Subject of a notice."),
    FIELD(TIME, created_at, .required = true, .doc = "Creation time."),
    FIELD(TIME, not_before, .doc = "End of the undo window."),
    FIELD(TIME, done_at, .doc = "Completion time."));

struct broadcast_filter {
    struct list_page page;
    const char *incident;
    const char *state;
    int64_t credit_run;
    const char *kind;
};
const struct shape broadcast_filter_shape = SHAPE("BroadcastFilter", struct broadcast_filter,
    PAGE_FIELDS("50", 200), FIELD(TEXT, incident, .max = 100, .doc = "Filter by incident (ref)."),
    FIELD(TEXT, state, .one_of = broadcast_states, .doc = "Filter by state."),
    FIELD(INT, credit_run, .min = 1, .max = INT64_MAX, .doc = "Filter by credit run."),
    FIELD(TEXT, kind, .max = 40, .doc = "Filter by kind: update, notice ..."));

/* Omits messages to a single reader (confirmation, manage link), which do not concern staff. */
STMT(broadcast_page,
    "SELECT b.id, b.kind, b.state, i.ref AS incident, i.title, b.update_id AS update,"
    "       b.credit_run_id AS credit_run, b.subject, b.created_at,"
    "       nullif(b.not_before, 'infinity') AS not_before, b.done_at"
    "  FROM broadcast b LEFT JOIN incident i ON i.id = b.incident_id"
    " WHERE ($1::bigint = 0 OR b.id < $1) AND b.subscriber_id IS NULL"
    "   AND ($3::text IS NULL OR i.ref = $3) AND ($4::text IS NULL OR b.state::text = $4)"
    "   AND ($5::bigint IS NULL OR b.credit_run_id = $5)"
    "   AND ($6::text IS NULL OR b.kind = $6)"
    " ORDER BY b.id DESC LIMIT $2",
    .row = &broadcast_line_shape);

enum rc broadcast_list(struct call *c)
{
    const struct broadcast_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "broadcasts", &before));
    TRY(db_all(c->s, c->db, &broadcast_page,
        PARAMS(P_INT(before), P_INT(filter->page.limit), P_TEXT(filter->incident),
            P_TEXT(filter->state), P_INT(filter->credit_run), P_TEXT(filter->kind)),
        &rows));
    return reply_page(c, "broadcasts", rows, offsetof(struct broadcast_line, id));
}
