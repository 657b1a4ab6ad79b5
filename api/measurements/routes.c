#include "api/measurements/measurements.h"

enum { MEASUREMENTS_MAX = 64 << 20 };

static const struct route rows[] = {
    {.verb = POST,
        .path = "/v1/measurements",
        .id = "createMeasurements",
        .scope = "incidents:write",
        .body = &measurement_shape,
        .raw = true,
        .takes = "application/x-ndjson",
        .upload = true,
        .max_body = MEASUREMENTS_MAX,
        .reply = &measurements_stored_shape,
        .run = measurements_add,
        .doc =
            "Store good and total requests of components from NDJSON, at most 100,000 lines, all "
            "or none. One of the same component, labels, scope, start and length replaces the "
            "earlier one."},
};
const struct route_list measurement_routes = ROUTE_LIST(rows);
