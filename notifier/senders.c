#include "notifier/senders.h"

#include "core/log.h"
#include "core/push/vapid.h"
#include "notifier/checks.h"
#include "notifier/http/http_sender.h"
#include "notifier/http/sms.h"
#include "notifier/mail/mail_sender.h"
#include "notifier/outbox/outbox.h"

static const struct provider *load_sms(struct scope *s, const struct config *config)
{
    const struct provider *provider = NULL;
    if (!*config->sms_provider)
        log_event(LOG_WARN, "SMS wait: no provider is configured", LOG_TEXT("set", "sms_provider"));
    else if (settings_check_waiting(s, config, notifier_checks, checks_sms) != RC_OK ||
             provider_load(s, config->sms_provider, &provider) != RC_OK)
        log_fault(checks_sms, s);
    return provider;
}

static void vapid_end(void *vapid)
{
    vapid_free(vapid);
}

static struct vapid *make_vapid(struct scope *s, const struct sender *with)
{
    const char *contact;
    if (settings_check_waiting(s, with->config, notifier_checks, checks_push) != RC_OK ||
        checks_push_contact(s, with->config, &contact) != RC_OK) {
        log_fault(checks_push, s);
        return NULL;
    }
    struct vapid *vapid = vapid_new(with->keys, contact);
    scope_defer(s, vapid_end, vapid);
    return vapid;
}

/* Messages of a channel that is not configured wait in the database; the log says so. */
static void enable(struct scope *s, struct senders *senders, bool outbox)
{
    const struct config *config = senders->with.config;
    bool *enabled = senders->enabled;
    if (settings_check_waiting(s, config, notifier_checks, checks_alerts) != RC_OK)
        log_fault(checks_alerts, s);
    if (outbox) {
        log_event(LOG_WARN,
            "outbox mode: nothing leaves this installation; messages are kept for "
            "/staff/outbox",
            LOG_TEXT("set", "smtp_url"));
        for (enum channel c = 0; channel_name[c]; c++)
            enabled[c] = true;
        return;
    }
    enabled[CHANNEL_WEBHOOK] = enabled[CHANNEL_SLACK] = true;
    for (enum channel c = CHANNEL_DOCUMENTS; c < CHANNEL_COUNT; c++)
        enabled[c] = channel_document(c);
    enabled[CHANNEL_SMS] = (senders->with.sms = load_sms(s, config)) != NULL;
    enabled[CHANNEL_EMAIL] = *config->smtp_url != '\0';
    if (enabled[CHANNEL_EMAIL] &&
        settings_check_waiting(s, config, notifier_checks, checks_mail) != RC_OK) {
        log_fault(checks_mail, s);
        enabled[CHANNEL_EMAIL] = false;
    } else if (!enabled[CHANNEL_EMAIL]) {
        log_event(LOG_WARN, "e-mail waits: no relay is configured", LOG_TEXT("set", "smtp_url"));
    }
    enabled[CHANNEL_PUSH] = (senders->with.vapid = make_vapid(s, &senders->with)) != NULL;
}

static enum rc start(struct scope *s, struct senders *senders, int i, void *(*run)(void *))
{
    if (pthread_create(&senders->thread[i], NULL, run, &senders->with) != 0)
        return fail(s, RC_INTERNAL, "no thread for a sender");
    senders->running[i] = true;
    return RC_OK;
}

enum rc senders_start(struct scope *s, struct senders *senders, bool outbox)
{
    enable(s, senders, outbox);
    if (outbox)
        return start(s, senders, FEED_MAIL, outbox_run);
    if (senders->enabled[CHANNEL_EMAIL])
        TRY(start(s, senders, FEED_MAIL, mail_sender_run));
    return start(s, senders, FEED_HTTP, http_sender_run);
}

bool senders_running(struct senders *senders)
{
    bool any = false;
    for (int i = 0; i < FEED_COUNT; i++) {
        if (senders->running[i] && pthread_tryjoin_np(senders->thread[i], NULL) == 0)
            senders->running[i] = false;
        any = any || senders->running[i];
    }
    return any;
}
