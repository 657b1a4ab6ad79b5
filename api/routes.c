/* All routes: those of the process itself, then those of every subject. OpenAPI, authorisation,
 * decoding, metrics and the route tests derive from them. The first matching row handles a request.
 */
#include "api/routes.h"

#include "api/access/access.h"
#include "api/broadcasts/broadcasts.h"
#include "api/console/console.h"
#include "api/console/access/access.h"
#include "api/console/credits/credits.h"
#include "api/credits/credits.h"
#include "api/hooks/hooks.h"
#include "api/imports/imports.h"
#include "api/incidents/incidents.h"
#include "api/public/public.h"
#include "api/readers/readers.h"
#include "api/subscribers/subscribers.h"

static const struct route rows[] = {
    {.verb = GET,
        .path = "/healthz",
        .internal = true,
        .media = "text/plain",
        .run = health_get,
        .doc = "Liveness: the process answers."},
    {.verb = GET,
        .path = "/readyz",
        .internal = true,
        .media = "text/plain",
        .run = ready_get,
        .doc = "Readiness: the database answers, too."},
    {.verb = GET,
        .path = "/metrics",
        .scope = "metrics:read",
        .internal = true,
        .media = "text/plain",
        .slow = true,
        .run = metrics_get,
        .doc = "Metrics in Prometheus' text format. With metrics_listen, also there and without "
               "a key."},
    PAGE(GET, "/docs", page_docs, "The API reference."),
    {.verb = GET,
        .path = "/openapi.json",
        .media = "application/json",
        .run = openapi_get,
        .doc = "The API as OpenAPI 3.1."},
};
static const struct route_list own_routes = ROUTE_LIST(rows);

const struct route_list *const route_lists[] = {
    &own_routes,
    &incident_routes,
    &broadcast_routes,
    &import_routes,
    &credit_routes,
    &subscriber_routes,
    &access_routes,
    &console_routes,
    &console_access_routes,
    &console_credit_routes,
    &hook_routes,
    &public_routes,
    &reader_routes,
    NULL,
};
