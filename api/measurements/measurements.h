#pragma once
/*
 * Requests that components answered, by time: the evidence of policies that rate them, and of rules
 * that turn a ratio of errors into impact windows. docs/guides/measurements.md.
 */
#include "api/call/call.h"

extern const struct route_list measurement_routes;

extern const struct shape measurement_shape, measurements_stored_shape;
route_fn measurements_add;
