#include "api/call/page_origins.h"

#include <string.h>

bool slack_install_is_open(const struct config *config, const char *channel)
{
    return !strcmp(channel, "slack") && *config->slack_client_id && *config->slack_client_secret;
}

const char *slack_install_origin(struct scope *s, const struct config *config)
{
    const char *url = config->slack_authorize_url, *host = strstr(url, "://");
    if (!slack_install_is_open(config, "slack") || !host)
        return NULL;
    return scope_strndup(s, url, (size_t)(host - url) + 3 + strcspn(host + 3, "/?#"));
}
