/* GET /v1/measurements: what was stored for a component, added up over its series. */
#include "api/call/list_page.h"
#include "api/measurements/measurements.h"
#include "core/clock.h"

enum { SPAN_MAX = 31 * 86400 };

SHAPE_EXTERN(struct measured_requests, measured_requests_shape, "MeasuredRequests",
    FIELD(TIME, from, .required = true, .doc = "Start of the minutes that are added up."),
    FIELD(INT, good, .required = true, .doc = "Good requests."),
    FIELD(INT, total, .required = true, .doc = "All requests."));

struct measurement_filter {
    struct list_page page;
    const char *component;
    int64_t from, to, step_minutes, suggestion;
};
const struct shape measurement_filter_shape =
    SHAPE("MeasurementFilter", struct measurement_filter, PAGE_FIELDS("1440", 1440),
        FIELD(TEXT, component, .required = true, .min = 1, .max = 64, .doc = "Slug."),
        FIELD(TIME, from, .required = true, .doc = "Start."),
        FIELD(TIME, to, .required = true, .doc = "End, exclusive, at most 31 days later."),
        FIELD(INT, step_minutes, .min = 1, .max = 1440, .def = "1",
            .doc = "Minutes to add up in a row, by the clock of UTC."),
        FIELD(INT, suggestion, .min = 1, .max = INT64_MAX,
            .doc = "Only requests by which this suggestion was judged."));

STMT(measurement_page,
    "SELECT date_bin(make_interval(mins => $5::int), m.from_at, 'epoch') AS from,"
    "   sum(m.total - m.bad)::bigint AS good, sum(m.total)::bigint AS total"
    "  FROM amends.measured(greatest($2::timestamptz, CASE WHEN $6::bigint > 0 THEN"
    "     to_timestamp($6 / 1000000) + make_interval(mins => $5::int) END), $3) m"
    "   JOIN measurement_series s ON s.id = m.series_id JOIN component c ON c.id = s.component_id"
    "  WHERE c.slug = $1 AND ($4::bigint IS NULL OR s.seconds <= 60 AND s.id = ANY ("
    "     (SELECT series FROM suggestion WHERE id = $4)::bigint[]))"
    "  GROUP BY 1 ORDER BY 1 LIMIT $7",
    .row = &measured_requests_shape);
STMT(measurement_component, "SELECT id FROM component WHERE slug = $1", .row = &row_int);

enum rc measurement_list(struct call *c)
{
    const struct measurement_filter *filter = c->query;
    int64_t after, component;
    struct list rows;
    if (filter->to <= filter->from)
        return fail_field(c->s, RC_INVALID, "to", "must be later than from");
    if (filter->to - filter->from > SPAN_MAX * CLOCK_SECOND)
        return fail_field(c->s, RC_INVALID, "to", "must be at most 31 days after from");
    TRY(IF_NONE(
        db_one(c->s, c->db, &measurement_component, PARAMS(P_TEXT(filter->component)), &component),
        fail_field(c->s, RC_INVALID, "component", "no component \"%.64s\"", filter->component)));
    TRY(page_open(c, "measurements", &after));
    TRY(db_all(c->s, c->db, &measurement_page,
        PARAMS(P_TEXT(filter->component), P_TIME(filter->from), P_TIME(filter->to),
            P_INT(filter->suggestion), P_INT(filter->step_minutes), P_INT(after),
            P_INT(filter->page.limit)),
        &rows));
    return reply_page(c, "measurements", rows, offsetof(struct measured_requests, from));
}
