#ifndef API_PUBLIC_STATUSPAGE_H
#define API_PUBLIC_STATUSPAGE_H
/* /api/v2/{...}.json as Statuspage serves them ("Status API", version 2), so that its
 * clients keep working; and /embed.json, a summary of our own. The documents are made by SQL
 * (api/public/sql/statuspage.sql). */
#include "api/public/page_cache.h"

extern const struct cached_page_kind statuspage_summary, statuspage_status, statuspage_components;
extern const struct cached_page_kind statuspage_incidents, statuspage_unresolved;
extern const struct cached_page_kind statuspage_maintenances, statuspage_upcoming,
    statuspage_active;
extern const struct cached_page_kind statuspage_embed;

#endif
