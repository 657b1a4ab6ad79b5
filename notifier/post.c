#include "notifier/post.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "notifier/content.h"
#include "notifier/limits.h"
#include "notifier/post_lanes.h"
#include "templates/provider.h"

enum {
    TRANSFERS = 200,
    REQUEST_MAX = 1024 * 1024,
    REPLY_MAX = 16 * 1024,
    PACES = 8192,
    POLL_MS = 500,
    HOLD_US = 10000, /* until a full host is asked again */
    DRAIN_MS = 10000,
};

#define SLOW_US INT64_C(200000) /* a transfer that takes longer is slow */

/* Transfers of a channel at once, and as many more that are slow; together TRANSFERS, and
 * below the budget, so that the mail thread always has its part of it. */
static const struct {
    int quick, slow;
} share[CHANNEL_COUNT] = {
    [CHANNEL_WEBHOOK] = {.quick = 60, .slow = 60},
    [CHANNEL_SLACK] = {.quick = 20, .slow = 10},
    [CHANNEL_TEAMS] = {.quick = 10, .slow = 5},
    [CHANNEL_DISCORD] = {.quick = 10, .slow = 5},
    [CHANNEL_SMS] = {.quick = 20},
};

struct post_state {
    const struct post *post;
    CURLM *multi;
    struct batch *list;
    struct transfer transfers[TRANSFERS];
    struct hosts hosts;
    int active[CHANNEL_COUNT], slow[CHANNEL_COUNT]; /* slow: of the active ones */
    struct post_lanes lanes;
    int running;
    int64_t paused_until[CHANNEL_COUNT]; /* us, monotonic */
    /* By subscriber id, us: when the next message to an endpoint may go, by our own pace and
     * because it asked for a rest. */
    int64_t pace[PACES], rest[PACES];
};

static struct transfer *free_transfer(struct post_state *p)
{
    for (size_t i = 0; i < TRANSFERS; i++)
        if (!p->transfers[i].recipient)
            return &p->transfers[i];
    return NULL;
}

static size_t slot_of(const struct recipient *r)
{
    return (size_t)((uint64_t)r->id % PACES);
}

/* Somebody has to know; the subscriber's state_reason says the same in the database. */
static void tell_gone(const struct recipient *r, const struct outcome *outcome)
{
    log_event(LOG_WARN, "an endpoint is gone and gets no more",
        LOG_TEXT("channel", channel_name[r->batch->channel]), LOG_INT("subscriber", r->id),
        LOG_INT("status", outcome->code), LOG_TEXT("reason", outcome->reason));
}

/* Chats limit an endpoint, not their host. */
static enum host_answer host_answer(const struct outcome *outcome)
{
    if (outcome->rest)
        return HOST_WELL;
    if (outcome->state == OUTCOME_RETURNED || outcome->state == OUTCOME_LATER)
        return HOST_NOTHING;
    if (outcome->code == 429 || outcome->code >= 500)
        return HOST_BADLY;
    if (outcome->code)
        return HOST_WELL;
    bool silent = outcome->state == OUTCOME_RETRY || outcome->state == OUTCOME_UNKNOWN;
    return silent ? HOST_BADLY : HOST_NOTHING;
}

static void finish(struct post_state *p, struct transfer *t, const struct outcome *outcome)
{
    enum channel channel = t->recipient->batch->channel;
    if (outcome->pause) {
        p->paused_until[channel] = clock_monotonic() + outcome->pause;
        log_event(LOG_ERROR, "the provider refuses us", LOG_TEXT("channel", channel_name[channel]),
            LOG_INT("status", outcome->code));
    }
    if (outcome->rest)
        p->rest[slot_of(t->recipient)] = clock_monotonic() + outcome->rest;
    if (outcome->state == OUTCOME_DISABLE)
        tell_gone(t->recipient, outcome);
    if (t->host)
        host_end(t->host, host_answer(outcome), outcome->retry_after, clock_monotonic());
    t->host = NULL;
    p->active[channel]--;
    p->running--;
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    handover_ended(p->post->handover, t->recipient, outcome);
    t->recipient = NULL;
    t->follows = false;
}

/* So many messages a second to one endpoint. Two that share a slot wait for each other. */
static int64_t pace(struct post_state *p, const struct recipient *r)
{
    int64_t gap = limits[r->batch->channel].gap;
    if (!gap)
        return 0;
    int64_t now = clock_monotonic(), *slot = &p->pace[slot_of(r)];
    int64_t at = *slot > now ? *slot : now;
    *slot = at + gap;
    return at > now ? at : 0;
}

/* A message to a host that rests, or that has as much open as it can take and is silent, is
 * put off: it would only hold a place that another host has use for. One provider is all
 * that SMS have, so they go. False: not now. */
static bool enter_host(struct post_state *p, struct transfer *t, int64_t now)
{
    const struct recipient *r = t->recipient;
    struct outcome later = {.state = OUTCOME_LATER, .reason = "host_rests"};
    if (r->batch->channel == CHANNEL_SMS)
        return true;
    struct host *host = hosts_of(&p->hosts, r->address, now);
    host->channel = (int)r->batch->channel;
    if (host_may_begin(host, now, &later.retry_after)) {
        host_begin(host, now);
        t->host = host;
        return true;
    }
    t->ready_at = now + HOLD_US;
    if (later.retry_after)
        finish(p, t, &later);
    return false;
}

static void launch(struct post_state *p, struct transfer *t)
{
    int64_t now = clock_monotonic(), rests = p->rest[slot_of(t->recipient)];
    if (rests > now)
        t->ready_at = rests;
    if (rests > now || !enter_host(p, t, now))
        return;
    t->ready_at = 0;
    t->began_at = now;
    if (curl_multi_add_handle(p->multi, t->curl) != CURLM_OK)
        abort();
}

static void begin(struct post_state *p, struct transfer *t, struct recipient *r)
{
    SCOPE(s);
    struct outcome failed = {.state = OUTCOME_FAILED, .reason = r->content->trouble};
    t->recipient = r;
    p->active[r->batch->channel]++;
    p->running++;
    if (!t->curl && !(t->curl = curl_easy_init()))
        abort();
    static const char *const reasons[] = {"forbidden_address", "unusable_secret"};
    if (!failed.reason && post_prepare(s, p->post, t) != RC_OK)
        failed.reason = reasons[s->fault.field && *s->fault.field == 'u'];
    if (failed.reason) {
        finish(p, t, &failed);
        return;
    }
    t->ready_at = pace(p, r);
    if (!t->ready_at)
        launch(p, t);
}

static void begin_more(struct post_state *p)
{
    for (enum channel c = 0; c < CHANNEL_COUNT; c++) {
        if (clock_monotonic() < p->paused_until[c])
            continue;
        int slow = p->slow[c] < share[c].slow ? p->slow[c] : share[c].slow;
        while (p->active[c] - slow < share[c].quick) {
            struct transfer *t = free_transfer(p);
            struct recipient *r = t ? handover_next(p->post->handover, &p->list, c) : NULL;
            if (!r)
                break;
            begin(p, t, r);
        }
    }
}

static void report(struct post_state *p)
{
    int64_t now = clock_monotonic();
    const struct post_work work = {.active = p->active,
        .provider = p->post->sms ? p->post->sms->name : NULL,
        .window = share[CHANNEL_SMS].quick,
        .paused = now < p->paused_until[CHANNEL_SMS]};
    post_lanes_report(&p->lanes, &p->hosts, &work, now);
}

/* Start what has waited long enough; returns for how many ms the rest still waits. What was
 * cancelled or taken over meanwhile goes back. */
static int launch_ready(struct post_state *p)
{
    static const struct outcome returned = {.state = OUTCOME_RETURNED};
    int64_t now = clock_monotonic(), wait = POLL_MS * INT64_C(1000);
    memset(p->slow, 0, sizeof p->slow);
    for (size_t i = 0; i < TRANSFERS; i++) {
        struct transfer *t = &p->transfers[i];
        if (t->recipient && !t->ready_at)
            p->slow[t->recipient->batch->channel] += now - t->began_at > SLOW_US;
        if (!t->recipient || !t->ready_at)
            continue;
        if (atomic_load(&t->recipient->batch->lost))
            finish(p, t, &returned);
        else if (t->ready_at <= now)
            launch(p, t);
        if (t->recipient && t->ready_at > now && t->ready_at - now < wait)
            wait = t->ready_at - now;
    }
    return (int)(wait / 1000) + 1;
}

/* The outcome is that of the first request, whatever becomes of the second. */
static bool follow(struct post_state *p, struct transfer *t, const struct outcome *outcome)
{
    SCOPE(s);
    if (t->follows || outcome->state != OUTCOME_ACCEPTED)
        return false;
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    if (!post_follow(s, p->post, t))
        return false;
    t->follows = true;
    t->first = *outcome;
    if (curl_multi_add_handle(p->multi, t->curl) != CURLM_OK)
        abort();
    return true;
}

static bool collect(struct post_state *p)
{
    bool any = false;
    int left;
    for (CURLMsg *msg; (msg = curl_multi_info_read(p->multi, &left)); any = true) {
        struct transfer *t;
        CURLcode code = msg->data.result;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
        curl_multi_remove_handle(p->multi, t->curl);
        struct outcome outcome = t->follows ? t->first : post_judge(p->post, t, code);
        if (!follow(p, t, &outcome))
            finish(p, t, &outcome);
    }
    return any;
}

static void step(struct post_state *p)
{
    struct handover *h = p->post->handover;
    int wake = h->feed[FEED_POST].wake, running;
    handover_take(h, FEED_POST, &p->list);
    begin_more(p);
    report(p);
    int wait = launch_ready(p);
    curl_multi_perform(p->multi, &running);
    if (collect(p))
        return;
    struct curl_waitfd extra = {.fd = wake, .events = CURL_WAIT_POLLIN};
    curl_multi_poll(p->multi, &extra, 1, wait, NULL);
    handover_drain(wake);
}

static void release(struct post_state *p)
{
    for (size_t i = 0; i < TRANSFERS; i++) {
        struct transfer *t = &p->transfers[i];
        if (t->recipient && !t->ready_at)
            curl_multi_remove_handle(p->multi, t->curl);
        curl_slist_free_all(t->headers);
        curl_easy_cleanup(t->curl);
        strbuf_release(&t->request);
        strbuf_release(&t->reply);
    }
    curl_multi_cleanup(p->multi);
    hosts_release(&p->hosts);
    free(p);
}

/* What still waits for its turn was not attempted; what is under way may finish. */
static void drain(struct post_state *p)
{
    static const struct outcome returned = {.state = OUTCOME_RETURNED};
    int64_t end = clock_monotonic() + DRAIN_MS * INT64_C(1000);
    handover_take(p->post->handover, FEED_POST, &p->list);
    handover_return(p->post->handover, &p->list);
    for (size_t i = 0; i < TRANSFERS; i++)
        if (p->transfers[i].recipient && p->transfers[i].ready_at)
            finish(p, &p->transfers[i], &returned);
    while (p->running && clock_monotonic() < end)
        step(p);
}

void *post_run(void *arg)
{
    net_start();
    struct post_state *p = calloc(1, sizeof *p);
    CURLM *multi = curl_multi_init();
    if (!p || !multi)
        abort();
    p->post = arg;
    p->multi = multi;
    hosts_init(&p->hosts);
    for (size_t i = 0; i < TRANSFERS; i++) {
        strbuf_init(&p->transfers[i].request, REQUEST_MAX);
        strbuf_init(&p->transfers[i].reply, REPLY_MAX);
    }
    while (!atomic_load(&p->post->handover->stop))
        step(p);
    drain(p);
    release(p);
    return NULL;
}
