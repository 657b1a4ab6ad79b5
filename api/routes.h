#pragma once
/* Routes of the process itself: health, metrics, API reference. */
#include "api/call/call.h"

route_fn health_get, ready_get, metrics_get, openapi_get, page_docs;

extern const struct shape openapi_filter_shape;
