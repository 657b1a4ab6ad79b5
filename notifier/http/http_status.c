#include "notifier/http/http_status.h"

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
    others->channel = status->channel;
    others->host = "";
    others->window += status->window;
    others->in_flight += status->in_flight;
    others->trouble = first || others->trouble ? status->trouble : NULL;
}

/* A channel whose messages all wait has a row too: somebody works on them. */
static void report_others(struct http_status *last, const struct sender_status *others,
    const bool *named, const int *active)
{
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        bool any = others[c].host || (active[c] && !named[c] && c != CHANNEL_SMS);
        if (c != CHANNEL_SMS && (any || last->others[c]))
            sender_status_report(&(struct sender_status){.channel = (enum channel)c,
                .host = "",
                .window = others[c].window,
                .in_flight = others[c].in_flight,
                .trouble = others[c].trouble});
        last->others[c] = c == CHANNEL_SMS ? last->others[c] : any;
    }
}

static void report_hosts(
    struct http_status *last, const struct hosts *hosts, const int *active, int64_t now)
{
    struct sender_status others[CHANNEL_COUNT] = {0};
    bool named[CHANNEL_COUNT] = {0};
    size_t n = 0;
    for (size_t i = 0; i < HOSTS; i++) {
        const struct host *host = &hosts->at[i];
        if (!is_of_interest(host, now))
            continue;
        struct sender_status status = status_of(host, now);
        named[status.channel] = true;
        if (n++ < NAMED)
            sender_status_report(&status);
        else
            add(&others[status.channel], &status);
    }
    report_others(last, others, named, active);
}

static void report_texts(struct http_status *last, const struct http_work *work)
{
    bool any = work->active[CHANNEL_SMS] || work->paused;
    if (work->provider && (any || last->others[CHANNEL_SMS]))
        sender_status_report(&(struct sender_status){.channel = CHANNEL_SMS,
            .host = work->provider,
            .window = work->window,
            .in_flight = work->active[CHANNEL_SMS],
            .trouble = work->paused ? "the provider refuses us" : NULL});
    last->others[CHANNEL_SMS] = any;
}

void http_status_report(
    struct http_status *last, const struct hosts *hosts, const struct http_work *work, int64_t now)
{
    if (now < last->at + EVERY_US)
        return;
    last->at = now;
    report_hosts(last, hosts, work->active, now);
    report_texts(last, work);
}
