/* POST /v1/measurements: requests that components answered, for policies that rate error rates. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/lookup.h"
#include "api/credits/credits.h"
#include "api/incidents/incidents.h"
#include "core/json.h"

SHAPE_STATIC(struct measurement, measurement_shape, "Measurement",
    FIELD(TEXT, component, .required = true, .min = 1, .max = 64, .doc = "Slug."),
    FIELD(TIME, from, .required = true, .doc = "Start, which says to what interval it counts."),
    FIELD(TIME, to, .required = true, .doc = "End, exclusive."),
    FIELD(INT, good, .required = true, .min = 0, .max = INT64_MAX, .doc = "Good requests."),
    FIELD(INT, total, .required = true, .min = 0, .max = INT64_C(1) << 40, .doc = "All requests."),
    FIELD(RAW, scope, .form = FORM_OBJECT, .of = &impact_scope_shape,
        .doc = "Whom it concerns; absent: everybody."));

struct measurements {
    struct list measurements;
};
const struct shape measurements_shape = SHAPE("Measurements", struct measurements,
    FIELD(LIST, measurements, .required = true, .of = &measurement_shape, .min = 1, .max = 10000,
        .doc = "Of any components and times."));

SHAPE_EXTERN(struct measured, measured_shape, "Measured",
    FIELD(INT, added, .required = true, .doc = "Measurements that are new."));

STMT(measurement_insert,
    "INSERT INTO measurement (component_id, from_at, to_at, good, total, scope, created_by)"
    " SELECT c.id, m.from, m.to, m.good, m.total, m.scope, $2"
    " FROM jsonb_to_recordset($1::jsonb) AS m(component text, \"from\" timestamptz,"
    "   \"to\" timestamptz, good bigint, total bigint, scope jsonb)"
    "  JOIN component c ON c.slug = m.component");

static enum rc check(struct scope *s, const struct measurement *m, size_t i)
{
    const char *where = scope_printf(s, "measurements[%zu]", i);
    if (m->to <= m->from)
        return fail_field(
            s, RC_INVALID, scope_printf(s, "%s.to", where), "must be later than from");
    if (m->good > m->total)
        return fail_field(
            s, RC_INVALID, scope_printf(s, "%s.good", where), "must be at most total");
    return impact_scope_check(s, scope_printf(s, "%s.scope", where), m->scope, NULL);
}

/* Each component once, as lookup_components asks. */
static enum rc check_components(struct scope *s, struct db *db, const struct list *list)
{
    const struct measurement *at = list->at;
    for (size_t i = 0; i < list->n; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = !strcmp(at[k].component, at[i].component);
        int64_t *id;
        if (!seen)
            TRY(lookup_components(s, db, &(struct texts){.at = &at[i].component, .n = 1},
                scope_printf(s, "measurements[%zu].component", i), &id));
    }
    return RC_OK;
}

static enum rc insert(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    const struct measurements *in = c->body;
    const struct measurement *at = in->measurements.at;
    json_t *rows = json_own(s, json_array());
    for (size_t i = 0; i < in->measurements.n; i++)
        TRY(check(s, &at[i], i));
    TRY(check_components(s, db, &in->measurements));
    for (size_t i = 0; i < in->measurements.n; i++)
        json_array_append(rows, shape_json(s, &measurement_shape, &at[i]));
    TRY(db_do(
        s, db, &measurement_insert, PARAMS(P_TEXT(json_text(s, rows)), P_INT(c->key->id)), NULL));
    return audit_add(s, db, call_actor(c), "measurements.add", "measurements",
        scope_printf(s, "{\"added\":%zu}", in->measurements.n));
}

enum rc measurements_add(struct call *c)
{
    const struct measurements *in = c->body;
    TRY(db_txn(c->s, c->db, insert, c));
    struct measured reply = {.added = (int64_t)in->measurements.n};
    return reply_object(c, &reply);
}
