#pragma once
/*
 * Requests that components answered, by time: the evidence of policies that rate them, and of rules
 * that turn a ratio of errors into impact windows. docs/guides/measurements.md.
 */
#include "api/call/call.h"
#include "api/signatures/hook_secret.h"

extern const struct route_list measurement_routes;

extern const struct shape measurement_shape, measurements_stored_shape, measured_requests_shape,
    measurement_filter_shape;
extern const struct shape measurement_source_shape, new_measurement_source_shape,
    measurement_source_made_shape, measurement_source_change_shape,
    measurement_source_rotation_shape;
route_fn measurements_add, measurement_list, measurement_source_list, measurement_source_create,
    measurement_source_get, measurement_source_change, measurement_source_rotate,
    measurement_source_delete, hook_remote_write;

struct measurement_source {
    int64_t id;
    struct hook_secret secret;
};

/* RC_NOT_FOUND: none has the name. */
enum rc measurement_source_find(struct scope *s, struct db *db, const struct api *api,
    const char *name, struct measurement_source *ret);
