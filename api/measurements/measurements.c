/* POST /v1/measurements: requests that components answered, a line each. */
#include "api/call/audit_log.h"
#include "api/imports/import.h"
#include "api/incidents/incidents.h"
#include "api/measurements/measurements.h"
#include "core/clock.h"
#include "core/json.h"

#define TOTAL_MAX (INT64_C(1) << 40)
enum { MOST_LINES = 100000, LENGTH_MAX = 31 * 86400, LABELS_MAX = 50 };

SHAPE_EXTERN(struct measurement, measurement_shape, "Measurement",
    FIELD(TEXT, component, .required = true, .min = 1, .max = 64, .doc = "Slug."),
    FIELD(TIME, from, .required = true,
        .doc = "Start, a whole second, which says to what interval it counts."),
    FIELD(TIME, to, .required = true, .doc = "End, exclusive, at most 31 days later."),
    FIELD(INT, good, .required = true, .min = 0, .max = TOTAL_MAX, .doc = "Good requests."),
    FIELD(INT, total, .required = true, .min = 0, .max = TOTAL_MAX, .doc = "All requests."),
    FIELD(JSON, labels, .form = FORM_OBJECT,
        .doc =
            "Texts that tell series of one component apart, such as a region: their requests are "
            "added up."),
    FIELD(RAW, scope, .form = FORM_OBJECT, .of = &impact_scope_shape,
        .doc = "Whom it concerns; absent: everybody."));

SHAPE_EXTERN(struct measurements_stored, measurements_stored_shape, "MeasurementsStored",
    FIELD(INT, received, .required = true, .doc = "Lines."),
    FIELD(INT, changed, .required = true, .doc = "Of these, lines that are new or differ."));

STMT(measurement_stage_clear, "TRUNCATE measurement_stage");
STMT(measurements_write,
    "SELECT out_received AS received, out_changed AS changed FROM amends.measurements_store(false)",
    .row = &measurements_stored_shape);
COPY_IN(measurement_stage_rows, "measurement_stage",
    "line, field, problem, component_id, from_at, seconds, bad, total, labels, scope");

static enum rc check_times(struct scope *s, const struct measurement *m)
{
    if (m->from < 0 || m->from % CLOCK_SECOND)
        return fail_field(s, RC_INVALID, "from", "must be a whole second since 1970");
    if (m->to <= m->from)
        return fail_field(s, RC_INVALID, "to", "must be later than from");
    if (m->to % CLOCK_SECOND)
        return fail_field(s, RC_INVALID, "to", "must be a whole second");
    if (m->to - m->from > LENGTH_MAX * CLOCK_SECOND)
        return fail_field(s, RC_INVALID, "to", "must be at most 31 days after from");
    return RC_OK;
}

static enum rc check_labels(struct scope *s, const json_t *labels)
{
    const char *label;
    json_t *value;
    if (labels && !json_is_object(labels))
        return fail_field(s, RC_INVALID, "labels", "must be an object of texts");
    if (json_object_size(labels) > LABELS_MAX)
        return fail_field(s, RC_INVALID, "labels", "must be at most %d", LABELS_MAX);
    json_object_foreach((json_t *)labels, label, value)
    {
        if (!json_is_string(value))
            return fail_field(
                s, RC_INVALID, scope_printf(s, "labels.%.100s", label), "must be a text");
    }
    return RC_OK;
}

static enum rc check_scope(struct scope *s, const struct import *import, const char *text)
{
    json_t *scope = NULL;
    TRY(impact_scope_check(s, "scope", text, &scope));
    const char *list = json_get_text(scope, "list");
    if (list && !import_word(s, import, "list", list))
        return fail_field(s, RC_INVALID, "scope.list", "no account list \"%.100s\"", list);
    return RC_OK;
}

static enum rc take(struct scope *s, struct import *import, const void *line, int64_t number)
{
    const struct measurement *m = line;
    int64_t component = import_word(s, import, "component", m->component);
    if (import->lines >= MOST_LINES)
        return fail(s, RC_INVALID, "a request has at most %d lines", MOST_LINES);
    if (!component)
        return fail_field(s, RC_INVALID, "component", "no component \"%.100s\"", m->component);
    TRY(check_times(s, m));
    if (m->good > m->total)
        return fail_field(s, RC_INVALID, "good", "must be at most total");
    TRY(check_labels(s, m->labels));
    TRY(check_scope(s, import, m->scope));
    struct db_copy *copy = import_row(import, number);
    db_copy_int(copy, component);
    db_copy_time(copy, m->from);
    db_copy_int(copy, (m->to - m->from) / CLOCK_SECOND);
    db_copy_int(copy, m->total - m->good);
    db_copy_int(copy, m->total);
    db_copy_text(copy, m->labels ? json_text(s, m->labels) : "{}");
    db_copy_text(copy, m->scope);
    return RC_OK;
}

static const struct import_kind measurement_kind = {
    .line = &measurement_shape,
    .take = take,
    .table = "measurement_stage",
    .stage = &measurement_stage_rows,
    .clear = &measurement_stage_clear,
    .lock = LOCK_MEASUREMENT_STAGE,
};

struct adding {
    struct import import;
    struct call *c;
    struct measurements_stored reply;
};

static enum rc add(struct scope *s, struct db *db, void *arg)
{
    struct adding *adding = arg;
    struct import *import = &adding->import;
    TRY(import_stage(s, db, import));
    if (import->refused)
        return import_refusal(s, db, import, adding->c);
    TRY(db_one(s, db, &measurements_write, NO_PARAMS, &adding->reply));
    return db_do(s, db, measurement_kind.clear, NO_PARAMS, NULL);
}

enum rc measurements_add(struct call *c)
{
    struct adding adding = {
        .import = {.kind = &measurement_kind, .api = c->api, .in = c->request->upload}, .c = c};
    TRY(db_txn(c->s, c->db, add, &adding));
    return reply_object(c, &adding.reply);
}
