/* All routes: those of the process itself, then those of every subject. OpenAPI, authorisation,
 * decoding, metrics and the route tests derive from them. The first matching row handles a request.
 */
#include "api/routes.h"

#include <string.h>

#include "api/access/access.h"
#include "api/alerts/alerts.h"
#include "api/brand/brand.h"
#include "api/broadcasts/broadcasts.h"
#include "api/console/console.h"
#include "api/console/alerts/alerts.h"
#include "api/console/access/access.h"
#include "api/console/credits/credits.h"
#include "api/account/account.h"
#include "api/claims/claims.h"
#include "api/credits/credits.h"
#include "api/hooks/hooks.h"
#include "api/imports/imports.h"
#include "api/incidents/incidents.h"
#include "api/measurements/measurements.h"
#include "api/outbox/outbox.h"
#include "api/policies/policies.h"
#include "api/public/public.h"
#include "api/readers/readers.h"
#include "api/reports/reports.h"
#include "api/slack/slack.h"
#include "api/subscribers/subscribers.h"

static const struct route rows[] = {
    {.verb = GET,
        .path = "/healthz",
        .id = "getHealth",
        .internal = true,
        .media = "text/plain",
        .run = health_get,
        .doc = "Liveness: the process answers."},
    {.verb = GET,
        .path = "/readyz",
        .id = "getReadiness",
        .internal = true,
        .media = "text/plain",
        .run = ready_get,
        .doc = "Readiness: the database answers, too."},
    {.verb = GET,
        .path = "/metrics",
        .id = "getMetrics",
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
        .id = "getOpenApi",
        .query = &openapi_filter_shape,
        .media = "application/json",
        .run = openapi_get,
        .doc = "The API as OpenAPI 3.0."},
};
static const struct route_list own_routes = ROUTE_LIST(rows);

const struct route_list *const route_lists[] = {
    &own_routes,
    &incident_routes,
    &alert_routes,
    &broadcast_routes,
    &import_routes,
    &credit_routes,
    &measurement_routes,
    &policy_routes,
    &account_routes,
    &claim_routes,
    &report_routes,
    &subscriber_routes,
    &outbox_routes,
    &brand_routes,
    &access_routes,
    &console_routes,
    &console_access_routes,
    &console_alert_routes,
    &console_credit_routes,
    &hook_routes,
    &slack_routes,
    &public_routes,
    &reader_routes,
    NULL,
};

/* The last one takes all other routes. */
static const struct route_tag tags[] = {
    {.path = "/v1/components", .name = "components", .doc = "What can fail, and its level now."},
    {.path = "/v1/component-groups",
        .name = "component-groups",
        .doc = "The groups in which the page shows components."},
    {.path = "/v1/incidents",
        .name = "incidents",
        .doc = "Incidents and maintenances: updates, impacts, previews."},
    {.path = "/v1/held-posts",
        .name = "held-posts",
        .doc = "Posts that wait until their undo window ends."},
    {.path = "/v1/promises", .name = "promises", .doc = "Updates promised for a time."},
    {.path = "/v1/incident-templates",
        .name = "incident-templates",
        .doc = "Prepared titles and texts for incidents."},
    {.path = "/v1/postmortems", .name = "postmortems", .doc = "Post-mortems of incidents."},
    {.path = "/v1/suggestions",
        .name = "suggestions",
        .doc = "Incidents that alerts suggest, until staff publish, merge or dismiss them."},
    {.path = "/v1/alert-rules",
        .name = "alert-rules",
        .doc = "Which component an alert concerns, and how."},
    {.path = "/v1/alert-sources", .name = "alert-sources", .doc = "Where alerts come from."},
    {.path = "/v1/broadcasts",
        .name = "broadcasts",
        .doc = "Progress and outcomes of messages to subscribers."},
    {.path = "/v1/slack-links",
        .name = "slack-links",
        .doc = "Slack users who act as members of staff."},
    {.path = "/v1/brand",
        .name = "brand",
        .doc = "The look of the public pages: logo, colour, links."},
    {.path = "/v1/outbox",
        .name = "outbox",
        .doc = "Messages kept instead of sent while no relay is set."},
    {.path = "/v1/notices",
        .name = "notices",
        .doc = "Messages to all subscribers without an incident."},
    {.path = "/v1/subscribers",
        .name = "subscribers",
        .doc = "Subscribers with their choices, consents and deliveries; import and export."},
    {.path = "/v1/imports", .name = "imports", .doc = "Progress and undo of imports."},
    {.path = "/v1/suppressions",
        .name = "suppressions",
        .doc = "Addresses that are not written to."},
    {.path = "/v1/bounce-rule",
        .name = "bounce-rule",
        .doc = "When soft bounces suppress an address."},
    {.path = "/v1/accounts", .name = "accounts", .doc = "Customers' accounts and their ledger."},
    {.path = "/v1/account", .name = "account", .doc = "What a key of an account reads."},
    {.path = "/v1/sla-report",
        .name = "sla-report",
        .doc = "Uptime and credits of all accounts by calendar window."},
    {.path = "/v1/liability-alerts",
        .name = "liability-alerts",
        .doc = "When to tell staff what an incident costs."},
    {.path = "/v1/policies", .name = "policies", .doc = "Rules that compute credits from impacts."},
    {.path = "/v1/credit-runs",
        .name = "credit-runs",
        .doc = "From a draft of credits to approval, issue and the letter."},
    {.path = "/v1/credits", .name = "credits", .doc = "Issued credits: the feed for billing."},
    {.path = "/v1/claims", .name = "claims", .doc = "What customers claim for incidents."},
    {.path = "/v1/measurement-sources",
        .name = "measurement-sources",
        .doc = "Where Prometheus sends its counters."},
    {.path = "/v1/measurements",
        .name = "measurements",
        .doc = "Requests that components answered."},
    {.path = "/v1/reviews",
        .name = "reviews",
        .doc = "Customers' requests to look at a credit again."},
    {.path = "/v1/keys", .name = "keys", .doc = "API keys."},
    {.path = "/v1/staff", .name = "staff", .doc = "People with access to the console."},
    {.path = "/v1/audit", .name = "audit", .doc = "The audit log."},
    {.path = "/hooks", .name = "hooks", .doc = "Callbacks of mail, SMS, Slack and monitoring."},
    {.path = "/api/v2", .name = "statuspage", .doc = "Documents as Statuspage has them."},
    {.path = "/healthz", .name = "service", .doc = "The service itself."},
    {.path = "/readyz", .name = "service"},
    {.path = "/metrics", .name = "service"},
    {.path = "/openapi.json", .name = "service"},
    {.path = "/", .name = "public", .doc = "The public status for programs."},
};

const struct route_tag *route_tag_at(size_t n)
{
    return n < sizeof(tags) / sizeof(tags[0]) ? &tags[n] : NULL;
}

const struct route_tag *route_tag(const struct route *route)
{
    const struct route_tag *tag;
    for (size_t i = 0; (tag = route_tag_at(i)); i++) {
        size_t len = strlen(tag->path);
        if (!strncmp(route->path, tag->path, len) &&
            (!route->path[len] || route->path[len] == '/' || len == 1))
            break;
    }
    return tag;
}
