#ifndef API_ROUTES_H
#define API_ROUTES_H
/* The process itself: is it well, what does it serve. */
#include "api/call/call.h"

enum rc health_get(struct call *c);
enum rc ready_get(struct call *c);
enum rc metrics_get(struct call *c);
enum rc openapi_get(struct call *c);
enum rc page_docs(struct call *c);

#endif
