#include "api/public/public.h"
#include "api/public/statuspage.h"

/* What is served from memory: a page, or a document for programs. */
#define PUBLIC(p, e, d) \
    { \
        .verb = GET, .path = p, .page = true, .media = "text/html", .cached_page = &e, \
        .run = cached_page_reply, .doc = d \
    }
#define CACHED(p, m, e, d) \
    { \
        .verb = GET, .path = p, .media = m, .cached_page = &e, .run = cached_page_reply, .doc = d \
    }

static const struct route rows[] = {
    {.verb = GET,
        .path = "/static/{name}",
        .media = "text/css",
        .run = static_get,
        .doc = "Style sheet of the pages."},
    PUBLIC("/", public_home, "How it is now."),
    PUBLIC("/history", public_history, "What was."),
    PUBLIC("/history/{month}", public_month, "What was until the end of a month: 2019-01."),
    PUBLIC("/incidents/{ref}", public_incident, "An incident's timeline."),
    CACHED("/feed.atom", "application/atom+xml", public_atom, "Updates (RFC 4287)."),
    CACHED("/feed.rss", "application/rss+xml", public_rss, "Updates (RSS 2.0)."),
    CACHED("/maintenance.ics", "text/calendar", public_calendar, "Planned maintenance (RFC 5545)."),
    CACHED("/badge.svg", "image/svg+xml", public_badge, "The state in two words."),
    {.verb = GET,
        .path = "/embed",
        .page = true,
        .framed = true,
        .media = "text/html",
        .cached_page = &public_embed,
        .run = cached_page_reply,
        .doc = "A summary for a frame in your product."},
    CACHED("/embed.json", "application/json", statuspage_embed, "A summary to show elsewhere."),
    CACHED("/api/v2/summary.json", "application/json", statuspage_summary,
        "As Statuspage: all that is open."),
    CACHED("/api/v2/status.json", "application/json", statuspage_status,
        "As Statuspage: the indicator."),
    CACHED("/api/v2/components.json", "application/json", statuspage_components,
        "As Statuspage: components and groups."),
    CACHED("/api/v2/incidents.json", "application/json", statuspage_incidents,
        "As Statuspage: the last 50 incidents."),
    CACHED("/api/v2/incidents/unresolved.json", "application/json", statuspage_unresolved,
        "As Statuspage: open incidents."),
    CACHED("/api/v2/scheduled-maintenances.json", "application/json", statuspage_maintenances,
        "As Statuspage: the last 50 maintenances."),
    CACHED("/api/v2/scheduled-maintenances/upcoming.json", "application/json", statuspage_upcoming,
        "As Statuspage: what is planned."),
    CACHED("/api/v2/scheduled-maintenances/active.json", "application/json", statuspage_active,
        "As Statuspage: what is under way."),
};
const struct route_list public_routes = ROUTE_LIST(rows);
