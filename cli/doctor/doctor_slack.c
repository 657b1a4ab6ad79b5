/* Checks the Slack app: its token by auth.test (https://docs.slack.dev/reference/methods/auth.test)
 * and that its settings belong together. */
#include "cli/doctor/doctor.h"
#include "core/json.h"
#include "core/net/net.h"

enum { REPLY_MAX = 64 * 1024, WAIT_MS = 10000 };

/* The workspace of the token, or NULL and the reason. */
static const char *team_of(struct scope *s, const struct config *config, const char **ret_error)
{
    struct net_guard guard = {.allow_loopback = config->allow_loopback};
    json_t *json = NULL;
    int status = 0;
    STRBUF(reply, REPLY_MAX);
    const char *url = scope_printf(s, "%s/auth.test", config->slack_api_url);
    *ret_error = "unexpected reply";
    if (net_post_json(s, url, &guard, "{}", config->slack_bot_token, WAIT_MS, &reply, &status) !=
        RC_OK)
        *ret_error = s->fault.message;
    else if (json_parse(s, reply.buf, reply.len, &json) != RC_OK)
        *ret_error = scope_printf(s, "HTTP %d", status);
    else if (json_is_true(json_object_get(json, "ok")))
        return json_get_word(json, "team");
    else if (json_get_text(json, "error"))
        *ret_error = json_get_text(json, "error");
    return NULL;
}

void doctor_slack(struct scope *s, struct doctor *doctor)
{
    const struct config *config = doctor->config;
    const char *error;
    if (!*config->slack_bot_token) {
        if (*config->slack_channel)
            doctor_row(s, doctor, "slack", HEALTH_WARN, "set slack_bot_token",
                "slack_channel is set, and no token to post there");
        return;
    }
    const char *team = team_of(s, config, &error);
    if (!team)
        doctor_row(s, doctor, "slack", HEALTH_FAIL,
            "copy the Bot User OAuth Token of the app (OAuth & Permissions) to slack_bot_token",
            "auth.test: %s", error);
    else if (!*config->slack_signing_secret)
        doctor_row(s, doctor, "slack", HEALTH_WARN,
            "copy the Signing Secret of the app (Basic Information) to slack_signing_secret",
            "workspace %s; without a signing secret, /amends is refused", team);
    else
        doctor_row(s, doctor, "slack", HEALTH_OK, NULL, "workspace %s", team);
}
