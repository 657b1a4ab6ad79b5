/* PATCH /v1/incidents/{ref}: title, schedule and automatic updates. */
#include "api/call/audit_log.h"
#include "api/incidents/schedule.h"

#include <string.h>

#include "api/incidents/incident.h"
#include "api/incidents/incidents.h"
#include "core/clock.h"

#define MINUTE_US (60 * CLOCK_SECOND)

struct incident_change {
    const char *title;
    int64_t scheduled_from, scheduled_until, announced_at;
    const json_t *auto_start, *auto_complete, *auto_notify;
    int64_t verify_minutes, reminder_minutes;
    const char *body;
    bool notify;
};
const struct shape incident_change_shape = SHAPE("IncidentChange", struct incident_change,
    FIELD(TEXT, title, .min = 1, .max = 250, .doc = "One line."),
    FIELD(TIME, scheduled_from, .doc = "Scheduled start of a maintenance that has not begun."),
    FIELD(TIME, scheduled_until, .doc = "Scheduled end of a maintenance that has not ended."),
    FIELD(TIME, announced_at,
        .doc = "Time of the announcement of the window to customers; now if it extends beyond the "
               "previous window."),
    FIELD(JSON, auto_start, .doc = "Whether it starts automatically."),
    FIELD(JSON, auto_complete, .doc = "Whether it is completed automatically."),
    FIELD(JSON, auto_notify, .doc = "Whether subscribers are notified of automatic updates."),
    FIELD(INT, verify_minutes, .max = SCHEDULE_MINUTES,
        .doc = "Minutes in state verifying before the scheduled end."),
    FIELD(INT, reminder_minutes, .max = SCHEDULE_MINUTES,
        .doc = "Minutes from the reminder to the start; 0: none."),
    FIELD(TEXT, body, .multiline = true, .min = 1, .max = POST_BODY_MAX,
        .doc = "Text of the update on a new schedule, Markdown; default: a sentence in the "
               "reader's language."),
    FIELD(BOOL, notify, .def = "true", .doc = "Notify subscribers of a new schedule."));

struct planned {
    int64_t id;
    const char *kind, *state;
    struct schedule schedule;
    int64_t announced_at, last_posted_at;
};
static const struct shape planned_shape = SHAPE("Planned", struct planned, FIELD(INT, id),
    FIELD(TEXT, kind), FIELD(TEXT, state), FIELD_AS(TIME, "scheduled_from", schedule.from),
    FIELD_AS(TIME, "scheduled_until", schedule.until),
    FIELD_AS(BOOL, "auto_start", schedule.auto_start),
    FIELD_AS(BOOL, "auto_complete", schedule.auto_complete),
    FIELD_AS(BOOL, "auto_notify", schedule.auto_notify),
    FIELD_AS(INT, "verify_minutes", schedule.verify_minutes),
    FIELD_AS(INT, "reminder_minutes", schedule.reminder_minutes), FIELD(TIME, announced_at),
    FIELD(TIME, last_posted_at));

STMT(schedule_lock,
    "SELECT i.id, kind, state, scheduled_from, scheduled_until, auto_start, auto_complete,"
    "   auto_notify, verify_minutes, reminder_minutes, announced_at, (SELECT max(posted_at)"
    "     FROM incident_update u WHERE u.incident_id = i.id) AS last_posted_at"
    "  FROM incident i WHERE ref = $1 FOR NO KEY UPDATE",
    .row = &planned_shape);
/* Subscribers reminded of a previous start are reminded again. */
STMT(schedule_write,
    "UPDATE incident SET reminded_at = CASE WHEN scheduled_from = $2 THEN reminded_at END,"
    "   scheduled_from = $2, scheduled_until = $3, auto_start = $4, auto_complete = $5,"
    "   auto_notify = $6, verify_minutes = $7, reminder_minutes = $8 WHERE id = $1");
STMT(schedule_name,
    "UPDATE incident SET title = coalesce($2, title), announced_at = $3 WHERE id = $1");
STMT(schedule_report,
    "SELECT out_broadcast_id FROM amends.incident_post($1, $2, $3, $4, '{}', '{}', $5, NULL, $6,"
    "   0, $7)",
    .row = &row_int);

enum rc schedule_check(
    struct scope *s, const char *kind, const char *state, const struct schedule *schedule)
{
    bool from = schedule->from != SHAPE_NONE, until = schedule->until != SHAPE_NONE;
    if ((from || until) && strcmp(kind, "maintenance") != 0)
        return fail_field(s, RC_INVALID, from ? "scheduled_from" : "scheduled_until",
            "is only for kind maintenance");
    if (!from)
        return until ? fail_field(s, RC_INVALID, "scheduled_from", "is missing") : RC_OK;
    if (until && schedule->until <= schedule->from)
        return fail_field(s, RC_INVALID, "scheduled_until", "must be later than scheduled_from");
    int64_t end = until ? schedule->until : schedule->from;
    if (!strcmp(state, "scheduled") && end <= clock_now())
        return fail_field(s, RC_INVALID, until ? "scheduled_until" : "scheduled_from",
            "lies in the past: enter a past maintenance in state completed");
    if (until && schedule->verify_minutes * MINUTE_US >= schedule->until - schedule->from)
        return fail_field(
            s, RC_INVALID, "verify_minutes", "must be shorter than the scheduled window");
    return RC_OK;
}

enum rc schedule_set(
    struct scope *s, struct db *db, int64_t incident, const struct schedule *schedule)
{
    return db_do(s, db, &schedule_write,
        PARAMS(P_INT(incident), P_TIME(schedule->from), P_TIME(schedule->until),
            P_BOOL(schedule->auto_start), P_BOOL(schedule->auto_complete),
            P_BOOL(schedule->auto_notify), P_INT(schedule->verify_minutes),
            P_INT(schedule->reminder_minutes)),
        NULL);
}

static enum rc put_flag(struct scope *s, const char *name, const json_t *json, bool *flag)
{
    if (!json)
        return RC_OK;
    if (!json_is_boolean(json))
        return fail_field(s, RC_INVALID, name, "must be true or false");
    *flag = json_is_true(json);
    return RC_OK;
}

static void put_number(int64_t value, int64_t *number)
{
    if (value != SHAPE_NONE)
        *number = value;
}

/* The current plan with the changes. */
static enum rc merge(struct scope *s, const struct incident_change *in, struct schedule *schedule)
{
    put_number(in->scheduled_from, &schedule->from);
    put_number(in->scheduled_until, &schedule->until);
    put_number(in->verify_minutes, &schedule->verify_minutes);
    put_number(in->reminder_minutes, &schedule->reminder_minutes);
    TRY(put_flag(s, "auto_start", in->auto_start, &schedule->auto_start));
    TRY(put_flag(s, "auto_complete", in->auto_complete, &schedule->auto_complete));
    return put_flag(s, "auto_notify", in->auto_notify, &schedule->auto_notify);
}

static bool is_moved(const struct schedule *old, const struct schedule *now)
{
    return old->from != now->from || old->until != now->until;
}

static enum rc check_move(
    struct scope *s, const struct planned *planned, const struct schedule *now)
{
    bool scheduled = !strcmp(planned->state, "scheduled");
    if (strcmp(planned->kind, "maintenance") != 0)
        return RC_OK; /* ensured by schedule_check */
    if (post_is_end(planned->state))
        return fail(s, RC_CONFLICT, "the maintenance is %s: its schedule cannot be changed",
            planned->state);
    if (!scheduled && planned->schedule.from != now->from)
        return fail_field(s, RC_CONFLICT, "scheduled_from", "the maintenance has begun");
    return RC_OK;
}

/* A window within the announced one needs no new announcement; a longer one keeps the announcement
 * of its start. */
static int64_t announced(
    const struct incident_change *in, const struct planned *planned, const struct schedule *now)
{
    const struct schedule *old = &planned->schedule;
    if (in->announced_at != SHAPE_NONE)
        return in->announced_at;
    bool within = old->from == now->from ||
                  (old->from != SHAPE_NONE && now->from >= old->from && now->until != SHAPE_NONE &&
                      old->until != SHAPE_NONE && now->until <= old->until);
    return within ? planned->announced_at : clock_now();
}

struct change {
    struct call *c;
    const char *broadcast;
};

/* A new schedule is an update, in the timeline, which increments the calendar's SEQUENCE. */
static enum rc report(
    struct scope *s, struct db *db, const struct planned *planned, struct change *change)
{
    static const char sentence[] = "The scheduled maintenance has been rescheduled.";
    const struct incident_change *in = change->c->body;
    int64_t now = clock_now();
    int64_t at = planned->last_posted_at > now ? planned->last_posted_at : now;
    int64_t broadcast;
    TRY(db_one(s, db, &schedule_report,
        PARAMS(P_INT(planned->id), P_TEXT(planned->state), P_TEXT(in->body ? in->body : sentence),
            P_TIME(at), P_BOOL(in->notify), P_INT(change->c->key->id),
            P_TEXT(in->body ? NULL : "rescheduled")),
        &broadcast));
    if (broadcast != SHAPE_NONE)
        change->broadcast = scope_printf(s, "%lld", (long long)broadcast);
    return RC_OK;
}

static enum rc change_incident(struct scope *s, struct db *db, void *arg)
{
    struct change *change = arg;
    struct call *c = change->c;
    const struct incident_change *in = c->body;
    struct planned planned;
    TRY(IF_NONE(db_one(s, db, &schedule_lock, PARAMS(P_TEXT(c->param[0])), &planned),
        fail(s, RC_NOT_FOUND, "no incident \"%.100s\"", c->param[0])));
    struct schedule now = planned.schedule;
    TRY(merge(s, in, &now));
    bool moved = is_moved(&planned.schedule, &now);
    if (moved)
        TRY(check_move(s, &planned, &now));
    TRY(schedule_check(s, planned.kind, moved ? planned.state : "", &now));
    TRY(schedule_set(s, db, planned.id, &now));
    TRY(db_do(s, db, &schedule_name,
        PARAMS(P_INT(planned.id), P_TEXT(in->title), P_TIME(announced(in, &planned, &now))), NULL));
    if (moved)
        TRY(report(s, db, &planned, change));
    return audit_add(s, db, call_actor(c), "incident.change", c->param[0], NULL);
}

enum rc incident_change(struct call *c)
{
    struct change change = {.c = c, .broadcast = "null"};
    const struct incident_change *in = c->body;
    if (in->body && in->scheduled_from == SHAPE_NONE && in->scheduled_until == SHAPE_NONE)
        return fail_field(c->s, RC_INVALID, "body", "is only for a new schedule");
    TRY(db_txn(c->s, c->db, change_incident, &change));
    return reply_incident(c, change.broadcast);
}
