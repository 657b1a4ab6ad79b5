#include "notifier/http/http_status.h"

#include "messages/provider.h"
#include "notifier/handover/sender_status.h"

enum { NAMED = 40, EVERY_US = 250 * 1000 };

static bool is_of_interest(const struct host *host, int64_t now)
{
    return host->key && (host->active || host->rests_until > now);
}

static struct sender_status status_of(const struct host *host, int64_t now)
{
    return (struct sender_status){.channel = (enum channel)host->channel,
        .host = host->name,
        .window = host->window,
        .in_flight = host->active,
        .trouble = host->rests_until > now ? "it rests: it answers badly or not at all"
                   : host->failures        ? "it answers badly or not at all"
                                           : NULL};
}

static void add(struct sender_status *others, const struct sender_status *status)
{
    bool first = !others->host;
    others->host = "";
    others->window += status->window;
    others->in_flight += status->in_flight;
    others->trouble = first || others->trouble ? status->trouble : NULL;
}

/* A channel whose messages all wait has a row too, because they are being worked on. */
static void report_others(struct http_status *last, struct sender_status others[CHANNEL_COUNT],
    const bool *named, const int *active)
{
    for (enum channel c = 0; c < CHANNEL_COUNT; c++) {
        if (c == CHANNEL_SMS)
            continue;
        bool any = others[c].host || (c < CHANNEL_DOCUMENTS && active[c] && !named[c]);
        others[c].channel = c;
        others[c].host = "";
        if (any || last->others[c])
            sender_status_report(&others[c]);
        last->others[c] = any;
    }
}

static void report_hosts(struct http_status *last, const struct transfers *all, int64_t now)
{
    struct sender_status others[CHANNEL_COUNT] = {0};
    bool named[CHANNEL_COUNT] = {0};
    size_t n = 0;
    for (size_t i = 0; i < HOSTS; i++) {
        const struct host *host = &all->hosts.at[i];
        if (!is_of_interest(host, now))
            continue;
        struct sender_status status = status_of(host, now);
        named[status.channel] = true;
        if (n++ < NAMED)
            sender_status_report(&status);
        else
            add(&others[status.channel], &status);
    }
    report_others(last, others, named, all->slots.active);
}

static void report_sms(struct http_status *last, const struct transfers *all, int64_t now)
{
    int active = all->slots.active[CHANNEL_SMS];
    bool paused = now < all->paused_until, any = active || paused;
    if (all->sender->sms && (any || last->others[CHANNEL_SMS]))
        sender_status_report(&(struct sender_status){.channel = CHANNEL_SMS,
            .host = all->sender->sms->name,
            .window = transfer_slots_of(CHANNEL_SMS),
            .in_flight = active,
            .trouble = paused ? "the provider refuses us" : NULL});
    last->others[CHANNEL_SMS] = any;
}

void http_status_report(struct http_status *last, const struct transfers *all, int64_t now)
{
    if (now < last->at + EVERY_US)
        return;
    last->at = now;
    report_hosts(last, all, now);
    report_sms(last, all, now);
}
