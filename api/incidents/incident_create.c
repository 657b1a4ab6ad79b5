/* POST /v1/incidents, and its preview. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/incidents/incident.h"
#include "api/call/lookup.h"
#include "api/incidents/incident_post.h"
#include "api/incidents/preview.h"
#include "api/incidents/incidents.h"
#include "api/incidents/schedule.h"
#include "core/clock.h"

static const char *const kinds[] = {"incident", "maintenance", NULL};

struct new_incident {
    const char *ref;
    const char *title;
    const char *kind;
    const char *state;
    const char *body;
    struct list components;
    int64_t announced_at;
    struct schedule schedule;
    int64_t posted_at;
    bool notify;
    int64_t next_update_minutes;
    int64_t hold_seconds;
    struct preview_test test; /* of a preview */
};
#define NEW_INCIDENT_FIELDS \
    FIELD(TEXT, ref, .min = 1, .max = 100, .doc = "Your own name for it; made when absent."), \
        FIELD(TEXT, title, .required = true, .min = 1, .max = 250, .doc = "One line."), \
        FIELD(TEXT, kind, .one_of = kinds, .def = "incident", .doc = "incident or maintenance."), \
        FIELD(TEXT, state, .required = true, .one_of = incident_states, \
            .doc = "Of the first update."), \
        FIELD(TEXT, body, .required = true, .multiline = true, .min = 1, .max = POST_BODY_MAX, \
            .doc = "Markdown."), \
        FIELD(LIST, components, .of = &post_component_shape, .max = 500, .doc = "What is hit."), \
        FIELD(TIME, announced_at, .doc = "Of a maintenance: when customers were told."), \
        FIELD_AS( \
            TIME, "scheduled_from", schedule.from, .doc = "Of a maintenance: planned start."), \
        FIELD_AS(TIME, "scheduled_until", schedule.until, .doc = "Planned end."), \
        FIELD_AS(BOOL, "auto_start", schedule.auto_start, .def = "true", \
            .doc = "It begins by itself at scheduled_from."), \
        FIELD_AS(BOOL, "auto_complete", schedule.auto_complete, .def = "true", \
            .doc = "It is completed by itself at scheduled_until."), \
        FIELD_AS(INT, "verify_minutes", schedule.verify_minutes, .max = SCHEDULE_MINUTES, \
            .def = "0", .doc = "It is verifying by itself for so long before it is completed."), \
        FIELD_AS(INT, "reminder_minutes", schedule.reminder_minutes, .max = SCHEDULE_MINUTES, \
            .doc = "Remind the subscribers so long before the start; 0: no; else as configured."), \
        FIELD(TIME, posted_at, .doc = "Now when absent; the past for replays."), \
        FIELD(BOOL, notify, .def = "true", .doc = "Tell the subscribers."), \
        FIELD(INT, next_update_minutes, .min = 1, .max = 525600, \
            .doc = "Promise of the next update."), \
        FIELD(INT, hold_seconds, .def = "0", .min = 0, .max = 3600, .doc = POST_HOLD_DOC)
const struct shape new_incident_shape =
    SHAPE("NewIncident", struct new_incident, NEW_INCIDENT_FIELDS);
const struct shape incident_preview_shape =
    SHAPE("IncidentPreview", struct new_incident, NEW_INCIDENT_FIELDS, PREVIEW_TEST_FIELDS);

struct incident_posted {
    const char *ref;
    const char *title;
    const char *kind;
    const char *state;
    int64_t announced_at;
    int64_t started_at;
    int64_t resolved_at;
    struct update *update;
    const char *broadcast;
};
const struct shape incident_posted_shape = SHAPE("IncidentPosted", struct incident_posted,
    FIELD(TEXT, ref, .required = true, .doc = "Name in the API."),
    FIELD(TEXT, title, .required = true, .doc = "One line."),
    FIELD(TEXT, kind, .required = true, .doc = "incident or maintenance."),
    FIELD(TEXT, state, .required = true, .doc = "Of its last update."),
    FIELD(TIME, announced_at, .doc = "When customers were told."),
    FIELD(TIME, started_at, .required = true, .doc = "Of the first update."),
    FIELD(TIME, resolved_at, .doc = "When it ended."),
    FIELD(OBJECT, update, .of = &update_shape, .required = true, .doc = "The first update."),
    FIELD(RAW, broadcast, .doc = "Id of the message to the subscribers, or null."));

STMT(incident_insert,
    "INSERT INTO incident (ref, title, kind, state, announced_at, started_at)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (ref) DO NOTHING RETURNING id",
    .row = &row_int);
static enum rc check_ref(struct scope *s, const char *ref)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (strspn(ref, letters) != strlen(ref) || strchr("._-", ref[0]))
        return fail_field(s, RC_INVALID, "ref",
            "must be letters, digits, dots, hyphens and underscores, a letter or digit first");
    return RC_OK;
}

/* "2013-01-15-x7Kq2h": the day, and enough chance for one. */
static char *made_ref(struct scope *s, int64_t posted_at)
{
    char *ref = scope_printf(s, "%.10s-%.6s", clock_rfc3339(s, posted_at), sign_random(s, 12));
    for (char *p = ref + 11; *p; p++)
        if (*p == '-' || *p == '_')
            *p = 'x';
    return ref;
}

struct creation {
    const struct call *c;
    struct schedule schedule;
    struct incident_posted *reply;
    struct preview *preview; /* NULL: it is meant */
};

static enum rc insert(struct scope *s, struct db *db, const struct new_incident *in,
    const struct incident_posted *reply, int64_t *ret_id)
{
    return IF_NONE(
        db_one(s, db, &incident_insert,
            PARAMS(P_TEXT(reply->ref), P_TEXT(in->title), P_TEXT(in->kind), P_TEXT(in->state),
                P_TIME(reply->announced_at), P_TIME(reply->started_at)),
            ret_id),
        fail_field(s, RC_CONFLICT, "ref", "incident \"%s\" exists already", reply->ref));
}

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    const struct creation *creation = arg;
    const struct call *c = creation->c;
    const struct new_incident *in = c->body;
    struct incident_posted *reply = creation->reply;
    struct post post = {.state = in->state,
        .body = in->body,
        .posted_at = reply->started_at,
        .components = in->components,
        .notify = in->notify,
        .next_update_minutes = in->next_update_minutes,
        .hold_seconds = in->hold_seconds,
        .actor = c->key->id};
    TRY(insert(s, db, in, reply, &post.incident_id));
    if (in->schedule.from != SHAPE_NONE)
        TRY(schedule_set(s, db, post.incident_id, &creation->schedule));
    struct posted posted;
    TRY(post_update(s, db, &post, &posted));
    if (creation->preview)
        return preview_take(s, db, creation->preview, posted.broadcast_id);
    update_fill(s, &post, &posted, reply->update, &reply->broadcast);
    return audit_add(s, db, call_actor(c), "incident.create", reply->ref, NULL);
}

static enum rc open_incident(struct call *c, struct preview *preview)
{
    const struct new_incident *in = c->body;
    int64_t posted_at;
    TRY(update_time(c->s, in->posted_at, &posted_at));
    TRY(post_check_state(c->s, in->kind, in->state));
    if (in->ref)
        TRY(check_ref(c->s, in->ref));
    struct schedule schedule = in->schedule;
    schedule.auto_notify = in->notify;
    if (schedule.reminder_minutes == SHAPE_NONE)
        schedule.reminder_minutes = c->api->config->reminder_minutes;
    TRY(schedule_check(c->s, in->kind, in->state, &schedule));
    bool told = in->announced_at == SHAPE_NONE && !strcmp(in->kind, "maintenance");
    struct update update;
    struct incident_posted reply = {.ref = in->ref ? in->ref : made_ref(c->s, posted_at),
        .title = in->title,
        .kind = in->kind,
        .state = in->state,
        .announced_at = told ? posted_at : in->announced_at,
        .started_at = posted_at,
        .resolved_at = post_is_end(in->state) ? posted_at : SHAPE_NONE,
        .update = &update};
    struct creation creation = {.c = c, .schedule = schedule, .reply = &reply, .preview = preview};
    if (preview)
        return preview_post(preview, create, &creation);
    TRY(db_txn(c->s, c->db, create, &creation));
    return reply_object(c, &reply);
}

enum rc incident_create(struct call *c)
{
    return open_incident(c, NULL);
}

enum rc incident_preview(struct call *c)
{
    const struct new_incident *in = c->body;
    struct preview preview = {.c = c, .test = &in->test};
    return open_incident(c, &preview);
}
