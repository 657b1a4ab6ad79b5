#include "api/public/public.h"
#include "api/public/statuspage.h"

/* Served from memory: pages and documents for programs. */
#define PUBLIC(p, e, d) \
    { \
        .verb = GET, .path = p, .page = true, .media = "text/html", .cached_page = &e, \
        .run = cached_page_reply, .doc = d \
    }
#define CACHED(o, p, m, e, d) \
    { \
        .verb = GET, .id = o, .path = p, .media = m, .cached_page = &e, .run = cached_page_reply, \
        .doc = d \
    }

/* The same in the reader's language. */
#define FEED(o, p, m, e, d) \
    { \
        .verb = GET, .id = o, .path = p, .query = &language_query, .media = m, .cached_page = &e, \
        .run = cached_page_reply, .doc = d \
    }

SHAPE_STATIC(struct language_query, language_query, "LanguageQuery",
    FIELD(TEXT, lang, .min = 2, .max = 35,
        .doc = "Language tag, such as de; default: as Accept-Language asks."));

static const struct route rows[] = {
    {.verb = GET,
        .path = "/static/{name}",
        .media = "text/css",
        .run = static_get,
        .doc = "Style sheet of the pages."},
    PUBLIC("/", public_home, "The current status."),
    PUBLIC("/history", public_history, "Past incidents."),
    PUBLIC(
        "/history/{month}", public_month, "Incidents until the end of a month, such as 2019-01."),
    PUBLIC("/incidents/{ref}", public_incident, "An incident's timeline."),
    PUBLIC("/sla", public_sla, "What the published policies give, in words, with an example."),
    FEED("getSla", "/sla.json", "application/json", public_sla_json,
        "The published policies as documents, in words and with an example."),
    FEED("getAtomFeed", "/feed.atom", "application/atom+xml", public_atom, "Updates (RFC 4287)."),
    FEED("getRssFeed", "/feed.rss", "application/rss+xml", public_rss, "Updates (RSS 2.0)."),
    FEED("getJsonFeed", "/feed.json", "application/feed+json", public_json,
        "Updates (JSON Feed 1.1)."),
    FEED("getHistoryAtom", "/history.atom", "application/atom+xml", history_atom,
        "Statuspage-compatible: incidents with their updates (RFC 4287)."),
    FEED("getHistoryRss", "/history.rss", "application/rss+xml", history_rss,
        "Statuspage-compatible: incidents with their updates (RSS 2.0)."),
    {.verb = GET,
        .id = "getStatuspageHistory",
        .path = "/history.json",
        .query = &statuspage_history_query,
        .media = "application/json",
        .cached_page = &statuspage_months,
        .run = cached_page_reply,
        .doc = "Statuspage-compatible: past incidents by month."},
    FEED("getMaintenanceCalendar", "/maintenance.ics", "text/calendar", public_calendar,
        "Scheduled maintenance (RFC 5545)."),
    CACHED("getBadge", "/badge.svg", "image/svg+xml", public_badge, "The status as a badge."),
    {.verb = GET,
        .path = "/embed",
        .page = true,
        .framed = true,
        .media = "text/html",
        .cached_page = &public_embed,
        .run = cached_page_reply,
        .doc = "A status summary for a frame in your product."},
    CACHED("getEmbed", "/embed.json", "application/json", statuspage_embed,
        "A status summary as JSON."),
    CACHED("getStatuspageSummary", "/api/v2/summary.json", "application/json", statuspage_summary,
        "Statuspage-compatible: summary."),
    CACHED("getStatuspageStatus", "/api/v2/status.json", "application/json", statuspage_status,
        "Statuspage-compatible: the indicator."),
    CACHED("listStatuspageComponents", "/api/v2/components.json", "application/json",
        statuspage_components, "Statuspage-compatible: components and groups."),
    CACHED("listStatuspageIncidents", "/api/v2/incidents.json", "application/json",
        statuspage_incidents, "Statuspage-compatible: the last 50 incidents."),
    CACHED("listStatuspageUnresolvedIncidents", "/api/v2/incidents/unresolved.json",
        "application/json", statuspage_unresolved, "Statuspage-compatible: unresolved incidents."),
    CACHED("listStatuspageMaintenances", "/api/v2/scheduled-maintenances.json", "application/json",
        statuspage_maintenances, "Statuspage-compatible: the last 50 scheduled maintenances."),
    CACHED("listStatuspageUpcomingMaintenances", "/api/v2/scheduled-maintenances/upcoming.json",
        "application/json", statuspage_upcoming,
        "Statuspage-compatible: upcoming scheduled maintenances."),
    CACHED("listStatuspageActiveMaintenances", "/api/v2/scheduled-maintenances/active.json",
        "application/json", statuspage_active,
        "Statuspage-compatible: active scheduled maintenances."),
};
const struct route_list public_routes = ROUTE_LIST(rows);
