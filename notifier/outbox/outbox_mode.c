#include "notifier/outbox/outbox_mode.h"

#include <string.h>
#include <unistd.h>

STMT(relay_note, "INSERT INTO relay_seen (host) VALUES ($1) ON CONFLICT DO NOTHING");
STMT(relay_was_seen, "SELECT EXISTS (SELECT FROM relay_seen) AS seen", .row = &row_bool);

static bool has_relay(const struct config *config)
{
    return *config->smtp_url || *config->sms_provider;
}

enum rc outbox_mode_check(struct scope *s, const struct config *config)
{
    if (!strcmp(config->outbox, "on") && has_relay(config))
        return fail_field(s, RC_INVALID, "outbox",
            "cannot be on while smtp_url or sms_provider is set: remove one of them");
    return RC_OK;
}

enum rc outbox_mode_decide(
    struct scope *s, struct db *db, const struct config *config, bool *ret_outbox)
{
    char host[256] = "";
    bool over;
    *ret_outbox = false;
    if (has_relay(config)) {
        gethostname(host, sizeof host - 1);
        return db_do(s, db, &relay_note, PARAMS(P_TEXT(host)), NULL);
    }
    if (!strcmp(config->outbox, "off"))
        return RC_OK;
    TRY(outbox_mode_is_over(s, db, config, &over));
    *ret_outbox = !over;
    return RC_OK;
}

enum rc outbox_mode_is_over(
    struct scope *s, struct db *db, const struct config *config, bool *ret_over)
{
    *ret_over = false;
    return strcmp(config->outbox, "auto") ? RC_OK
                                          : db_one(s, db, &relay_was_seen, NO_PARAMS, ret_over);
}
