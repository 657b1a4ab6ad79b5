#include "notifier/checks.h"

#include <string.h>

#include "core/mail/mailaddr.h"
#include "core/net/net.h"
#include "messages/channels.h"
#include "messages/provider.h"
#include "notifier/outbox/outbox_mode.h"
#include "notifier/smtp/smtp_relay.h"
#include "templates/check/check.h"

const char checks_mail[] = "e-mail waits", checks_sms[] = "SMS wait", checks_push[] = "push waits",
           checks_alerts[] = "alerts to staff fail";

static enum rc public_url(struct scope *s, const struct config *config)
{
    if (!*config->public_url)
        return fail(s, RC_INVALID, "is not set: links in messages begin with it");
    return settings_public_url(s, config);
}

static enum rc mail_from(struct scope *s, const struct config *config)
{
    char *name, *address;
    return mailaddr_split_mailbox(s, config->mail_from, &name, &address);
}

static enum rc smtp_url(struct scope *s, const struct config *config)
{
    struct relay *relays;
    size_t n;
    if (!*config->smtp_url)
        return RC_OK;
    TRY(relay_parse(s, config->smtp_url, "localhost", 1, 1, &relays, &n));
    for (size_t i = 0; i < n; i++)
        relay_release(&relays[i]);
    return RC_OK;
}

static enum rc smtp_ca_file(struct scope *s, const struct config *config)
{
    return settings_readable(s, config->smtp_ca_file);
}

static enum rc sms_provider(struct scope *s, const struct config *config)
{
    const struct provider *provider;
    return *config->sms_provider ? provider_load(s, config->sms_provider, &provider) : RC_OK;
}

static enum rc sms_url(struct scope *s, const struct config *config)
{
    const struct provider *provider;
    if (!*config->sms_provider || *config->sms_url ||
        provider_load(s, config->sms_provider, &provider) != RC_OK || *provider->base_url)
        return RC_OK;
    return fail(s, RC_INVALID, "is not set, and the provider has no default");
}

enum rc checks_push_contact(struct scope *s, const struct config *config, const char **ret)
{
    const char *contact = config->push_contact;
    char *name, *address;
    if (!*contact && mailaddr_split_mailbox(s, config->mail_from, &name, &address) == RC_OK)
        contact = scope_printf(s, "mailto:%s", address);
    if (strncmp(contact, "mailto:", 7) != 0 && strncmp(contact, "https://", 8) != 0)
        return fail(s, RC_INVALID, "must begin with mailto: or https://");
    *ret = contact;
    return RC_OK;
}

static enum rc push_contact(struct scope *s, const struct config *config)
{
    const char *ignored;
    return checks_push_contact(s, config, &ignored);
}

static enum rc address(struct scope *s, const struct config *config, char *word)
{
    char *ignored;
    (void)config;
    return mailaddr_normalise(s, word, &ignored);
}

static enum rc staff_email(struct scope *s, const struct config *config)
{
    return settings_words(s, config->staff_email, address, config);
}

static enum rc staff_slack_url(struct scope *s, const struct config *config)
{
    const char *url = config->staff_slack_url;
    return *url ? net_url_check(s, url, config->allow_loopback) : RC_OK;
}

/* "C" or, of a private one, "G", and more. */
static enum rc slack_channel(struct scope *s, const struct config *config)
{
    const char *id = config->slack_channel;
    size_t len = strlen(id);
    if (!len ||
        (strchr("CG", *id) && len > 1 && strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len))
        return RC_OK;
    return fail(s, RC_INVALID, "\"%s\" is not the id of a channel such as C0123ABCD", id);
}

const struct settings_check notifier_checks[] = {SETTINGS_SHARED,
    {"public_url", public_url, NULL,
        "set public_url to the address at which readers find the status page"},
    {"outbox", outbox_mode_check, NULL, NULL},
    {"templates_dir", templates_setting, NULL, "see amends template lint"},
    {"templates_dir", channels_setting, NULL, "see amends channel lint"},
    {"mail_from", mail_from, checks_mail, NULL}, {"smtp_url", smtp_url, checks_mail, NULL},
    {"smtp_ca_file", smtp_ca_file, checks_mail, NULL},
    {"sms_provider", sms_provider, checks_sms, NULL}, {"sms_url", sms_url, checks_sms, NULL},
    {"push_contact", push_contact, checks_push, NULL},
    {"staff_email", staff_email, checks_alerts, NULL},
    {"staff_slack_url", staff_slack_url, checks_alerts, NULL},
    {"slack_channel", slack_channel, checks_alerts,
        "copy the id from the end of \"About\" in the channel's details"},
    {0}};
