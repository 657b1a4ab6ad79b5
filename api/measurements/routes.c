#include "api/call/list_page.h"
#include "api/measurements/measurements.h"

enum { MEASUREMENTS_MAX = 64 << 20, REMOTE_BODY_MAX = 4 << 20 };

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
    {.verb = GET,
        .path = "/v1/measurement-sources",
        .id = "listMeasurementSources",
        .scope = "admin",
        .query = &long_page_filter_shape,
        .reply = &measurement_source_shape,
        .list = true,
        .run = measurement_source_list,
        .doc = "Where Prometheus' remote write comes from."},
    {.verb = POST,
        .path = "/v1/measurement-sources",
        .id = "createMeasurementSource",
        .scope = "admin",
        .status = 201,
        .body = &new_measurement_source_shape,
        .reply = &measurement_source_made_shape,
        .run = measurement_source_create,
        .doc = "Add a source; the reply has its token."},
    {.verb = DELETE,
        .path = "/v1/measurement-sources/{name}",
        .id = "deleteMeasurementSource",
        .scope = "admin",
        .status = 204,
        .run = measurement_source_delete,
        .doc = "Remove a source; what it measured stays."},
    {.verb = POST,
        .path = "/hooks/prometheus/write/{source}",
        .id = "receiveRemoteWrite",
        .raw = true,
        .takes = "application/x-protobuf",
        .max_body = REMOTE_BODY_MAX,
        .status = 204,
        .slow = true,
        .run = hook_remote_write,
        .doc = "Prometheus' remote write 1.0, with the token of a source."},
};
const struct route_list measurement_routes = ROUTE_LIST(rows);
