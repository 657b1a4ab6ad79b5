#include "notifier/http/http_status.h"

#include "notifier/handover/sender_status.h"

enum { NAMED = 40, EVERY_US = 250 * 1000 };

static bool is_of_interest(const struct host *host, int64_t now)
{
    return host->key && (host->active || host->rests_until > now);
}

static struct lane lane_of(const struct host *host, int64_t now)
{
    return (struct lane){.channel = (enum channel)host->channel,
        .host = host->name,
        .window = host->window,
        .in_flight = host->active,
        .trouble = host->rests_until > now ? "it rests: it answers badly or not at all"
                   : host->failures        ? "it answers badly or not at all"
                                           : NULL};
}

static void add(struct lane *others, const struct lane *lane)
{
    bool first = !others->host;
    others->channel = lane->channel;
    others->host = "";
    others->window += lane->window;
    others->in_flight += lane->in_flight;
    others->trouble = first || others->trouble ? lane->trouble : NULL;
}

/* A channel whose messages all wait has a row too: somebody works on them. */
static void report_others(
    struct post_lanes *lanes, const struct lane *others, const bool *named, const int *active)
{
    for (int c = 0; c < CHANNEL_COUNT; c++) {
        bool any = others[c].host || (active[c] && !named[c] && c != CHANNEL_SMS);
        if (c != CHANNEL_SMS && (any || lanes->others[c]))
            lanes_report(&(struct lane){.channel = (enum channel)c,
                .host = "",
                .window = others[c].window,
                .in_flight = others[c].in_flight,
                .trouble = others[c].trouble});
        lanes->others[c] = c == CHANNEL_SMS ? lanes->others[c] : any;
    }
}

static void report_hosts(
    struct post_lanes *lanes, const struct hosts *hosts, const int *active, int64_t now)
{
    struct lane others[CHANNEL_COUNT] = {0};
    bool named[CHANNEL_COUNT] = {0};
    size_t n = 0;
    for (size_t i = 0; i < HOSTS; i++) {
        const struct host *host = &hosts->at[i];
        if (!is_of_interest(host, now))
            continue;
        struct lane lane = lane_of(host, now);
        named[lane.channel] = true;
        if (n++ < NAMED)
            lanes_report(&lane);
        else
            add(&others[lane.channel], &lane);
    }
    report_others(lanes, others, named, active);
}

static void report_texts(struct post_lanes *lanes, const struct post_work *work)
{
    bool any = work->active[CHANNEL_SMS] || work->paused;
    if (work->provider && (any || lanes->others[CHANNEL_SMS]))
        lanes_report(&(struct lane){.channel = CHANNEL_SMS,
            .host = work->provider,
            .window = work->window,
            .in_flight = work->active[CHANNEL_SMS],
            .trouble = work->paused ? "the provider refuses us" : NULL});
    lanes->others[CHANNEL_SMS] = any;
}

void post_lanes_report(
    struct post_lanes *lanes, const struct hosts *hosts, const struct post_work *work, int64_t now)
{
    if (now < lanes->at + EVERY_US)
        return;
    lanes->at = now;
    report_hosts(lanes, hosts, work->active, now);
    report_texts(lanes, work);
}
