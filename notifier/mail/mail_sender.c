#include "notifier/mail/mail_sender.h"

#include <string.h>

#include "core/log.h"
#include "core/mail/mailaddr.h"
#include "core/mail/report.h"
#include "messages/broadcast.h"
#include "messages/content.h"
#include "notifier/handover/sender_status.h"
#include "notifier/mail/mail_message.h"
#include "notifier/smtp/rate.h"
#include "notifier/smtp/smtp.h"
#include "notifier/smtp/smtp_outcome.h"
#include "notifier/smtp/smtp_relay.h"

/* Below the budget, so that the HTTP thread has a part when the relays fall silent. */
enum { IN_FLIGHT = BUDGET - 16 };
enum { DRAIN_MS = 10000, STEP_MS = 500 };

struct mail_run {
    const struct sender *sender;
    const char *domain; /* of the sender, for Message-ID and return path */
    struct batch *list;
};

static bool next(void *ctx, struct smtp_message *m)
{
    struct mail_run *run = ctx;
    struct handover *h = run->sender->handover;
    for (struct recipient *r; (r = handover_next(h, &run->list, CHANNEL_COUNT));) {
        struct outcome failed = {.state = OUTCOME_FAILED, .reason = r->content->trouble};
        if (!failed.reason && !mail_message_build(run->sender, run->domain, r, m))
            failed.reason = "unrenderable";
        if (failed.reason) {
            handover_ended(h, r, &failed);
            continue;
        }
        m->owner = r;
        m->rcpt = r->address;
        return true;
    }
    return false;
}

static void done(void *ctx, struct smtp_message *m, const struct smtp_result *result)
{
    struct handover *h = ((struct mail_run *)ctx)->sender->handover;
    struct smtp_outcome smtp = smtp_classify(result);
    struct outcome outcome = {.state = smtp.state,
        .possible_duplicate = smtp.possible_duplicate,
        .code = result->code,
        .reason = smtp.reason};
    if (result->code >= 500 && result->text) {
        SCOPE(s);
        strcpy(outcome.said, report_line(s, result->text, sizeof outcome.said - 1));
    }
    /* The notifier stops, and nothing of the message has left: that was no attempt. */
    if (atomic_load(&h->stop) && !result->code && !result->after_dot)
        outcome = (struct outcome){.state = OUTCOME_RETURNED};
    handover_ended(h, m->owner, &outcome);
}

static enum rc start(struct scope *s, struct mail_run *run, struct rate **rate, struct smtp **ret)
{
    const struct config *config = run->sender->config;
    char *name, *address;
    TRY(mailaddr_split_mailbox(s, config->mail_from, &name, &address));
    run->domain = strrchr(address, '@') + 1;
    TRY(rate_start(s, config, run->sender->handover->feed[FEED_MAIL].wake, rate));
    bool own_ca = *config->smtp_ca_file;
    struct smtp_config smtp = {.url = config->smtp_url,
        .helo = run->domain,
        .ca_file = own_ca ? config->smtp_ca_file : NULL,
        .loopback_tls = own_ca,
        .most = IN_FLIGHT,
        .allowance = rate_allowance(*rate)};
    struct smtp_source source = {.next = next, .done = done, .ctx = run};
    enum rc rc = smtp_new(s, &smtp, source, ret);
    if (rc != RC_OK)
        rate_stop(*rate);
    return rc;
}

static void report(const struct smtp *smtp)
{
    struct smtp_status status;
    for (size_t i = 0; smtp_relay_status(smtp, i, &status); i++)
        sender_status_report(&(struct sender_status){.channel = CHANNEL_EMAIL,
            .host = status.relay,
            .window = status.window,
            .in_flight = status.in_flight,
            .rate_limited = status.rate_limited,
            .trouble = status.trouble});
}

void *mail_sender_run(void *arg)
{
    SCOPE(s);
    struct mail_run run = {.sender = arg};
    struct handover *h = run.sender->handover;
    struct rate *rate;
    struct smtp *smtp;
    if (start(s, &run, &rate, &smtp) != RC_OK) {
        log_fault("mail cannot be sent", s);
        return NULL;
    }
    int wake = h->feed[FEED_MAIL].wake;
    while (!atomic_load(&h->stop)) {
        if (smtp_step(smtp, STEP_MS, wake)) {
            handover_drain(wake);
            handover_take(h, FEED_MAIL, &run.list);
        }
        report(smtp);
    }
    handover_take(h, FEED_MAIL, &run.list);
    handover_return(h, &run.list);
    smtp_drain(smtp, DRAIN_MS);
    smtp_free(smtp);
    rate_stop(rate);
    return NULL;
}
