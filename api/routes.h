#ifndef API_ROUTES_H
#define API_ROUTES_H
/* The process itself: is it well, what does it serve. */
#include "api/call/call.h"

route_fn health_get, ready_get, metrics_get, openapi_get, page_docs;

#endif
