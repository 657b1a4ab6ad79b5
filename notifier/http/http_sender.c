#include "notifier/http/http_sender.h"

#include <stdlib.h>

#include "core/clock.h"
#include "messages/provider.h"
#include "notifier/http/http_admit.h"
#include "notifier/http/http_status.h"

enum { DRAIN_MS = 10000 };

struct http {
    struct transfers transfers;
    struct admission admission;
    struct http_status status;
};

static void report(struct http *http)
{
    const struct transfers *all = &http->transfers;
    int64_t now = clock_monotonic();
    const struct http_work work = {.active = all->slots.active,
        .provider = all->sender->sms ? all->sender->sms->name : NULL,
        .window = transfer_slots_of(CHANNEL_SMS),
        .paused = now < all->paused_until};
    http_status_report(&http->status, &all->hosts, &work, now);
}

static void step(struct http *http)
{
    int wake = http->transfers.sender->handover->feed[FEED_HTTP].wake;
    admit(&http->admission);
    report(http);
    transfers_run(&http->transfers, wake, transfers_launch(&http->transfers));
    handover_drain(wake);
}

/* What still waits was not attempted; what is under way may finish. */
static void drain(struct http *http)
{
    int64_t end = clock_monotonic() + DRAIN_MS * INT64_C(1000);
    admit_none(&http->admission);
    transfers_return(&http->transfers);
    while (http->transfers.running && clock_monotonic() < end)
        step(http);
}

void *http_sender_run(void *arg)
{
    const struct sender *sender = arg;
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        abort();
    net_start();
    transfers_init(&http->transfers, sender);
    http->admission.transfers = &http->transfers;
    while (!atomic_load(&sender->handover->stop))
        step(http);
    drain(http);
    transfers_release(&http->transfers);
    free(http);
    return NULL;
}
