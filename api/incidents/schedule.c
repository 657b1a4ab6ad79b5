/* PATCH /v1/incidents/{ref}: title, schedule and automatic updates. */
#include "api/call/audit_log.h"
#include "api/incidents/schedule.h"

#include <string.h>

#include "api/incidents/incident.h"
#include "api/incidents/incidents.h"
#include "api/incidents/post_submit.h"
#include "core/clock.h"
#include "core/json.h"

#define MINUTE_US (60 * CLOCK_SECOND)

struct incident_change {
    const char *title;
    int64_t scheduled_from, scheduled_until, announced_at;
    const json_t *auto_start, *auto_complete, *auto_notify;
    int64_t verify_minutes, reminder_minutes;
    const char *body, *affected_body;
    const json_t *translations;
    bool notify;
    int64_t hold_seconds;
};
const struct shape incident_change_shape = SHAPE("IncidentChange", struct incident_change,
    FIELD(TEXT, title, .min = 1, .max = 250, .doc = "One line."),
    FIELD(TIME, scheduled_from, .doc = "Scheduled start of a maintenance that has not begun."),
    FIELD(TIME, scheduled_until, .doc = "Scheduled end of a maintenance that has not ended."),
    FIELD(TIME, announced_at,
        .doc = "Time of the announcement of the window to customers; now if it extends beyond the "
               "previous window."),
    FIELD(JSON, auto_start, .form = FORM_BOOL, .doc = "Whether it starts automatically."),
    FIELD(JSON, auto_complete, .form = FORM_BOOL, .doc = "Whether it is completed automatically."),
    FIELD(JSON, auto_notify, .form = FORM_BOOL,
        .doc = "Whether subscribers are notified of automatic updates."),
    FIELD(INT, verify_minutes, .max = SCHEDULE_MINUTES,
        .doc = "Minutes in state verifying before the scheduled end."),
    FIELD(INT, reminder_minutes, .max = SCHEDULE_MINUTES,
        .doc = "Minutes from the reminder to the start; 0: none."),
    FIELD(TEXT, body, .multiline = true, .min = 1, .max = POST_BODY_MAX,
        .doc = "Text of the update on a new schedule, Markdown; default: a sentence in the "
               "reader's language."),
    AFFECTED_BODY_FIELD,
    TRANSLATIONS_FIELD(post_texts_shape, "its title (instead of those so far) and that text"),
    FIELD(BOOL, notify, .def = "true", .doc = "Notify subscribers of a new schedule."),
    POST_HOLD_FIELD);

struct planned {
    int64_t id;
    const char *title, *kind, *state, *audience;
    struct schedule schedule;
    int64_t announced_at, last_posted_at;
};
static const struct shape planned_shape =
    SHAPE("Planned", struct planned, FIELD(INT, id), FIELD(TEXT, title), FIELD(TEXT, kind),
        FIELD(TEXT, state), FIELD(TEXT, audience), FIELD_AS(TIME, "scheduled_from", schedule.from),
        FIELD_AS(TIME, "scheduled_until", schedule.until),
        FIELD_AS(BOOL, "auto_start", schedule.auto_start),
        FIELD_AS(BOOL, "auto_complete", schedule.auto_complete),
        FIELD_AS(BOOL, "auto_notify", schedule.auto_notify),
        FIELD_AS(INT, "verify_minutes", schedule.verify_minutes),
        FIELD_AS(INT, "reminder_minutes", schedule.reminder_minutes), FIELD(TIME, announced_at),
        FIELD(TIME, last_posted_at));

STMT(schedule_lock,
    "SELECT i.id, title, kind, state, audience, scheduled_from, scheduled_until, auto_start, "
    "auto_complete,"
    "   auto_notify, verify_minutes, reminder_minutes, announced_at, (SELECT max(posted_at)"
    "     FROM incident_update u WHERE u.incident_id = i.id) AS last_posted_at"
    "  FROM incident i WHERE ref = $1 FOR NO KEY UPDATE",
    .row = &planned_shape);
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

json_t *schedule_json(struct scope *s, const struct schedule *schedule)
{
    json_t *json = json_pack("{s:b, s:b, s:b, s:I, s:I}", "auto_start", schedule->auto_start,
        "auto_complete", schedule->auto_complete, "auto_notify", schedule->auto_notify,
        "verify_minutes", (json_int_t)schedule->verify_minutes, "reminder_minutes",
        (json_int_t)schedule->reminder_minutes);
    post_put_time(s, json, "scheduled_from", schedule->from);
    post_put_time(s, json, "scheduled_until", schedule->until);
    return json;
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
 * of its start, and is announced by its publication. */
static void put_announced(struct scope *s, const struct incident_change *in,
    const struct planned *planned, const struct schedule *now, json_t *document)
{
    const struct schedule *old = &planned->schedule;
    bool within = old->from == now->from ||
                  (old->from != SHAPE_NONE && now->from >= old->from && now->until != SHAPE_NONE &&
                      old->until != SHAPE_NONE && now->until <= old->until);
    bool given = in->announced_at != SHAPE_NONE;
    post_put_time(s, document, "announced_at", given ? in->announced_at : planned->announced_at);
    json_object_set_new(document, "announce", json_boolean(!given && !within));
}

/* A new schedule is an update, in the timeline, which increments the calendar's SEQUENCE. */
static void put_update(struct scope *s, const struct incident_change *in,
    const struct planned *planned, json_t *document)
{
    static const char sentence[] = "The scheduled maintenance has been rescheduled.";
    int64_t now = clock_now();
    int64_t at = planned->last_posted_at > now ? planned->last_posted_at : now;
    json_object_set_new(document, "state", json_string(planned->state));
    json_object_set_new(document, "body", json_string(in->body ? in->body : sentence));
    json_object_set_new(document, "components", json_array());
    json_object_set_new(document, "notify", json_boolean(in->notify));
    if (in->affected_body)
        json_object_set_new(document, "affected_body", json_string(in->affected_body));
    if (in->translations)
        json_object_set_new(
            document, "translations", translations_only(in->translations, post_body_members));
    if (!in->body)
        json_object_set_new(document, "auto", json_string("rescheduled"));
    post_put_time(s, document, in->hold_seconds > 0 ? "submitted_at" : "posted_at", at);
}

struct change {
    struct call *c;
    struct posted posted;
};

static enum rc submit(struct scope *s, struct db *db, struct change *change,
    const struct planned *planned, const struct schedule *now)
{
    const struct incident_change *in = change->c->body;
    json_t *document = json_own(s, json_object());
    json_object_set_new(document, "schedule", schedule_json(s, now));
    put_announced(s, in, planned, now, document);
    if (in->translations)
        json_object_set_new(
            document, "titles", translations_only(in->translations, post_title_members));
    if (is_moved(&planned->schedule, now))
        put_update(s, in, planned, document);
    struct post_order order = {.action = "schedule",
        .incidents = &planned->id,
        .n = 1,
        .ref = change->c->param[0],
        .title = in->title ? in->title : planned->title,
        .document = document,
        .update_id = SHAPE_NONE,
        .hold_seconds = in->hold_seconds,
        .actor = change->c->key->id};
    return post_submit(s, db, &order, &change->posted);
}

static enum rc change_incident(struct scope *s, struct db *db, void *arg)
{
    struct change *change = arg;
    struct call *c = change->c;
    const struct incident_change *in = c->body;
    struct planned planned;
    TRY(IF_NONE(db_one(s, db, &schedule_lock, PARAMS(P_TEXT(c->param[0])), &planned),
        incident_missing(s, db, c->param[0])));
    struct schedule now = planned.schedule;
    TRY(merge(s, in, &now));
    bool moved = is_moved(&planned.schedule, &now);
    if (moved)
        TRY(check_move(s, &planned, &now));
    TRY(affected_body_check(s, planned.audience, in->affected_body, in->translations));
    TRY(schedule_check(s, planned.kind, moved ? planned.state : "", &now));
    TRY(submit(s, db, change, &planned, &now));
    return audit_add(
        s, db, call_actor(c), "incident.change", c->param[0], post_audit(s, &change->posted));
}

enum rc incident_change(struct call *c)
{
    struct change change = {.c = c};
    const struct incident_change *in = c->body;
    if (in->body && in->scheduled_from == SHAPE_NONE && in->scheduled_until == SHAPE_NONE)
        return fail_field(c->s, RC_INVALID, "body", "is only for a new schedule");
    TRY(translations_check(
        c->s, in->body ? &post_texts_shape : &title_texts_shape, in->translations, NULL));
    TRY(db_txn(c->s, c->db, change_incident, &change));
    return reply_incident(c, &change.posted);
}
