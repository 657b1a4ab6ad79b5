#include "notifier/queue/staff.h"

#include <string.h>

enum { PLACES_MAX = 20 };

STMT(staff_run_cards, "SELECT amends.run_cards($1)");
STMT(staff_fill, "SELECT amends.staff_expand($1::text[], $2::text[], $3)");

struct staff staff_places(struct scope *s, const struct config *config)
{
    const char **channels = SCOPE_ARRAY(s, const char *, PLACES_MAX + 2);
    const char **addresses = SCOPE_ARRAY(s, const char *, PLACES_MAX + 2);
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
    if (*config->slack_channel && *config->slack_bot_token) {
        channels[n] = "slack";
        addresses[n++] = scope_printf(s, "slack://%s", config->slack_channel);
    }
    return (struct staff){
        .channels = {.at = channels, .n = n}, .addresses = {.at = addresses, .n = n}};
}

enum rc staff_expand(struct scope *s, struct db *db, const struct config *config)
{
    struct staff staff = staff_places(s, config);
    if (*config->slack_channel && *config->slack_bot_token)
        TRY(db_do(s, db, &staff_run_cards, PARAMS(P_TEXT(config->public_url)), NULL));
    return db_do(s, db, &staff_fill,
        PARAMS(P_TEXTS(s, &staff.channels), P_TEXTS(s, &staff.addresses),
            P_BOOL(*config->sms_provider != '\0')),
        NULL);
}
