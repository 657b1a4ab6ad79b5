#pragma once
/* /api/v2/{...}.json compatible with Statuspage ("Status API", version 2), so that existing clients
 * keep working; and /embed.json, our own summary. SQL builds the documents
 * (api/public/sql/statuspage.sql). */
#include "api/public/page_cache.h"

extern const struct cached_page_kind statuspage_summary, statuspage_status, statuspage_components;
extern const struct cached_page_kind statuspage_incidents, statuspage_unresolved;
extern const struct cached_page_kind statuspage_maintenances, statuspage_upcoming,
    statuspage_active;
extern const struct cached_page_kind statuspage_embed;
/* /history.json?page=N */
extern const struct cached_page_kind statuspage_months;
extern const struct shape statuspage_history_query;
