#include "core/clock.h"
#include "notifier/http/post_state.h"

static const struct outcome returned = {.state = OUTCOME_RETURNED};

/* Begin, wait for room at the host without holding a place, or put off. */
static void admit(struct post_state *p, struct recipient *r)
{
    enum channel channel = r->batch->channel;
    struct outcome later = {.state = OUTCOME_LATER, .reason = "host_rests"};
    if (channel == CHANNEL_SMS) {
        post_begin(p, r);
        return;
    }
    int64_t now = clock_monotonic();
    struct host *host = hosts_of(&p->hosts, r->address, now);
    bool may = host_may_begin(host, now, &later.retry_after);
    if (may && !places_admit(&p->places, channel, host_is_doubted(host), host->proven))
        later.retry_after = HOST_PUT_OFF;
    if (later.retry_after) {
        handover_ended(p->post->handover, r, &later);
    } else if (may && !host->waits) {
        post_begin(p, r);
    } else {
        handover_unit_back(p->post->handover);
        crowd_add(&p->crowd, host, r);
    }
}

static bool may_take(const struct post_state *p, enum channel c, int64_t now)
{
    return now >= p->paused_until[c] && places_free(&p->places, c) && p->crowd.n[c] < CROWD_MAX;
}

void post_begin_more(struct post_state *p)
{
    struct recipient *r;
    int64_t now = clock_monotonic();
    for (enum channel c = 0; c < CHANNEL_COUNT; c++)
        while (may_take(p, c, now) && (r = handover_next(p->post->handover, &p->list, c)))
            admit(p, r);
}

/* Who waits for a host that rests or is silent by now is put off, whose batch is not ours
 * any more returned. */
static void end_waiting(struct post_state *p, struct host *host, int64_t wait)
{
    const struct outcome later = {
        .state = OUTCOME_LATER, .reason = "host_rests", .retry_after = wait};
    for (struct recipient *r; (r = crowd_take(&p->crowd, host));)
        handover_unsent(
            p->post->handover, r, !wait || atomic_load(&r->batch->lost) ? &returned : &later);
}

static void begin_at(struct post_state *p, struct host *host, int64_t now)
{
    int64_t wait = 0;
    while (host->waits) {
        enum channel c = host->waits->batch->channel;
        if (atomic_load(&host->waits->batch->lost)) {
            handover_unsent(p->post->handover, crowd_take(&p->crowd, host), &returned);
            continue;
        }
        if (!host_may_begin(host, now, &wait) || now < p->paused_until[c] ||
            !places_free(&p->places, c) || !handover_unit(p->post->handover))
            break;
        post_begin(p, crowd_take(&p->crowd, host));
    }
    if (wait)
        end_waiting(p, host, wait);
}

void post_begin_waiting(struct post_state *p)
{
    int64_t now = clock_monotonic();
    for (struct host *host = p->crowd.hosts; host; host = host->following)
        begin_at(p, host, now);
    crowd_tidy(&p->crowd);
}

void post_end_waiting(struct post_state *p)
{
    for (struct host *host = p->crowd.hosts; host; host = host->following)
        end_waiting(p, host, 0);
    crowd_tidy(&p->crowd);
}
