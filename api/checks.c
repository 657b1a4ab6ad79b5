#include "api/checks.h"

#include <string.h>

#include "api/call/locale.h"
#include "api/call/roles.h"
#include "api/credits/approval.h"
#include "api/http/proxies.h"
#include "api/readers/channel_options.h"
#include "core/net/listen.h"
#include "messages/channels.h"
#include "templates/check/check.h"

static enum rc proxies(struct scope *s, const struct config *config)
{
    const struct proxies *ignored;
    return proxies_read(s, config, &ignored);
}

static enum rc listens(struct scope *s, const struct config *config)
{
    const char *host, *port;
    return listen_split(s, config->listen, &host, &port);
}

static enum rc metrics_listens(struct scope *s, const struct config *config)
{
    const char *host, *port;
    return *config->metrics_listen ? listen_split(s, config->metrics_listen, &host, &port) : RC_OK;
}

static enum rc language(struct scope *s, const struct config *config)
{
    SCOPE(inner);
    return locale_check(inner, config->language, NULL) == RC_OK
               ? RC_OK
               : fail(s, RC_INVALID, "\"%s\" is not a language tag such as de", config->language);
}

static enum rc channel(struct scope *s, const struct config *config, char *word)
{
    (void)config;
    return channel_options_find(word).channel
               ? RC_OK
               : fail(s, RC_INVALID, "\"%s\" is not a channel", word);
}

static enum rc channels(struct scope *s, const struct config *config)
{
    return settings_words(s, config->subscribe_channels, channel, config);
}

static enum rc country(struct scope *s, const struct config *config, char *word)
{
    (void)config;
    bool digits = word[0] == '+' && word[1] && strspn(word + 1, "0123456789") == strlen(word + 1);
    return digits ? RC_OK : fail(s, RC_INVALID, "\"%s\" is not a prefix such as +49", word);
}

static enum rc countries(struct scope *s, const struct config *config)
{
    return settings_words(s, config->sms_countries, country, config);
}

static enum rc role(struct scope *s, const struct config *config, char *word)
{
    (void)config;
    const char *equals = strrchr(word, '=');
    if (!equals || equals == word)
        return fail(s, RC_INVALID, "\"%s\" is not GROUP=ROLE", word);
    return shape_one_of(staff_roles, equals + 1)
               ? RC_OK
               : fail(s, RC_INVALID, "\"%s\": there is no role %s", word, equals + 1);
}

static enum rc roles(struct scope *s, const struct config *config)
{
    return settings_words(s, config->oidc_roles, role, config);
}

const struct settings_check api_checks[] = {SETTINGS_SHARED,
    {"public_url", settings_public_url, NULL, NULL}, {"listen", listens, NULL, NULL},
    {"language", language, NULL, NULL}, {"metrics_listen", metrics_listens, NULL, NULL},
    {"trusted_proxies", proxies, NULL, NULL}, {"approval_total", approval_check, NULL, NULL},
    {"oidc_roles", roles, NULL, NULL},
    {"templates_dir", templates_setting, NULL, "see amends template lint"},
    {"templates_dir", channels_setting, NULL, "see amends channel lint"},
    {"subscribe_channels", channels, NULL, NULL}, {"sms_countries", countries, NULL, NULL}, {0}};
