/* PATCH /v1/measurement-sources/{name} and POST .../rotate-secret. */
#include "api/call/audit_log.h"
#include "api/call/dry_run.h"
#include "api/measurements/measurement_source.h"
#include "core/db/locks.h"
#include "core/json.h"

SHAPE_EXTERN(struct measurement_source_rotation, measurement_source_rotation_shape,
    "MeasurementSourceRotation",
    FIELD(INT, overlap_minutes, .min = 0, .max = 10080, .def = "1440",
        .doc = "Minutes in which the previous token also works; 0: none."));

STMT(measurement_source_alter,
    "UPDATE measurement_source SET match = coalesce($2::jsonb, match),"
    "   bad = coalesce($3::jsonb, bad), labels = coalesce($6::text[], labels),"
    "   scope_labels = coalesce($7::text[], scope_labels), per_minute = coalesce($8, per_minute),"
    "   component_id = CASE WHEN $5::text IS NULL THEN coalesce($4, component_id) END,"
    "   component_label = CASE WHEN $4::bigint IS NULL THEN coalesce($5, component_label) END"
    "  WHERE name = $1 RETURNING id",
    .row = &row_int);
/* What a counter counts was decided when it was found. */
STMT(measurement_source_forget, "DELETE FROM measurement_counter WHERE source_id = $1");
static bool recounts(const struct new_measurement_source *in)
{
    return in->match.at || in->bad.at || in->component || in->component_label || in->labels.at ||
           in->scope_labels.at;
}

static enum rc change(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    const struct new_measurement_source *in = c->body;
    struct source_check found;
    int64_t id;
    TRY(measurement_source_check(s, db, in, &found));
    TRY(db_lock(s, db, LOCK_MEASUREMENT_STAGE, LOCK_EXCLUSIVE)); /* no counter may come meanwhile */
    TRY(IF_NONE(
        db_one(s, db, &measurement_source_alter,
            PARAMS(P_TEXT(c->param[0]), P_TEXT(found.match), P_TEXT(found.bad),
                P_INT(found.component), P_TEXT(in->component_label), P_TEXTS(s, &in->labels),
                P_TEXTS(s, &in->scope_labels), P_INT(in->per_minute)),
            &id),
        hook_source_none(s, &hook_measurement_source, c->param[0])));
    if (recounts(in))
        TRY(db_do(s, db, &measurement_source_forget, PARAMS(P_INT(id)), NULL));
    TRY(hook_source_rename(s, db, c, &hook_measurement_source, in->name, &in->former_names));
    TRY(audit_add(s, db, call_actor(c), "measurement_source.change", c->param[0],
        json_text(s, shape_json(s, &measurement_source_change_shape, in))));
    return measurement_source_reply(c, in->name ? in->name : c->param[0]);
}

enum rc measurement_source_change(struct call *c)
{
    const struct new_measurement_source *in = c->body;
    if (in->component && in->component_label)
        return fail_field(
            c->s, RC_INVALID, "component", "must be given, or else component_label, not both");
    return dry_run_or_write(c, change, c);
}

struct rotating {
    const struct call *c;
    struct measurement_source_made made;
};

static enum rc rotate(struct scope *s, struct db *db, void *arg)
{
    struct rotating *rotating = arg;
    const struct measurement_source_rotation *in = rotating->c->body;
    return hook_source_rotate(s, db, rotating->c, &hook_measurement_source, rotating->made.secret,
        in->overlap_minutes, &rotating->made.id);
}

enum rc measurement_source_rotate(struct call *c)
{
    struct rotating rotating = {.c = c, .made = measurement_source_make(c, c->param[0])};
    TRY(db_txn(c->s, c->db, rotate, &rotating));
    return reply_object(c, &rotating.made);
}
