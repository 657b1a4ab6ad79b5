#include "notifier/queue/staff.h"

#include <string.h>

enum { PLACES_MAX = 20 };

/* A broadcast without recipients ends at once: it does not wait until a place is configured. */
STMT(staff_fill,
    "WITH filled AS (UPDATE broadcast SET state = 'sending', not_before = now()"
    "   WHERE kind = 'staff' AND state = 'held' RETURNING id, about),"
    " place AS (SELECT filled.id, channel::channel, -n AS recipient"
    "     FROM filled, unnest($1::text[]) WITH ORDINALITY AS t(channel, n)"
    "   UNION ALL SELECT filled.id, 'email', " STAFF_PERSON " - 2 * p.id FROM filled, staff p"
    "     WHERE filled.about LIKE 'promise:%' AND p.disabled_at IS NULL AND 'email' = ANY(p.alerts)"
    "       AND p.email <> ALL($2::text[])"
    "   UNION ALL SELECT filled.id, 'sms', " STAFF_PERSON " - 2 * p.id - 1 FROM filled, staff p"
    "     WHERE filled.about LIKE 'promise:%' AND p.disabled_at IS NULL AND 'sms' = ANY(p.alerts)"
    "       AND p.phone IS NOT NULL AND $3),"
    " counted AS (INSERT INTO broadcast_cursor (broadcast_id, channel, exhausted, claimed)"
    "   SELECT id, channel, true, count(*) FROM place GROUP BY 1, 2)"
    " INSERT INTO delivery_retry (broadcast_id, recipient_id, channel, attempts, due_at, first_at)"
    " SELECT id, recipient, channel, 0, now(), now() FROM place");

struct staff staff_places(struct scope *s, const struct config *config)
{
    const char **channels = SCOPE_ARRAY(s, const char *, PLACES_MAX + 1);
    const char **addresses = SCOPE_ARRAY(s, const char *, PLACES_MAX + 1);
    size_t n = 0;
    char *rest = scope_strdup(s, config->staff_email);
    for (char *address; (address = strsep(&rest, " ")) && n < PLACES_MAX;) {
        if (!*address)
            continue;
        channels[n] = "email";
        addresses[n++] = address;
    }
    if (*config->staff_slack_url) {
        channels[n] = "slack";
        addresses[n++] = config->staff_slack_url;
    }
    return (struct staff){
        .channels = {.at = channels, .n = n}, .addresses = {.at = addresses, .n = n}};
}

enum rc staff_expand(struct scope *s, struct db *db, const struct config *config)
{
    struct staff staff = staff_places(s, config);
    return db_do(s, db, &staff_fill,
        PARAMS(P_TEXTS(s, &staff.channels), P_TEXTS(s, &staff.addresses),
            P_BOOL(*config->sms_provider != '\0')),
        NULL);
}
