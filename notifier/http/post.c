#include "notifier/http/post_state.h"

#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "messages/content.h"
#include "messages/limits.h"
#include "messages/provider.h"

enum {
    REQUEST_MAX = 1024 * 1024,
    REPLY_MAX = 16 * 1024,
    IDLE_MAX = 512, /* connections that are kept for another request */
    POLL_MS = 500,
    HOLD_US = 10000, /* until a full host is asked again */
    DRAIN_MS = 10000,
};

static struct transfer *free_transfer(struct post_state *p)
{
    for (size_t i = 0; i < PLACES; i++)
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
        LOG_INT("broadcast", r->batch->broadcast->id),
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
        log_event(LOG_ERROR, "the provider refuses us",
            LOG_INT("broadcast", t->recipient->batch->broadcast->id),
            LOG_TEXT("channel", channel_name[channel]), LOG_INT("status", outcome->code));
    }
    if (outcome->rest)
        p->rest[slot_of(t->recipient)] = clock_monotonic() + outcome->rest;
    if (outcome->state == OUTCOME_DISABLE)
        tell_gone(t->recipient, outcome);
    if (t->host)
        host_end(t->host, host_answer(outcome), outcome->retry_after, clock_monotonic());
    t->host = NULL;
    int64_t took = outcome->code && !t->follows ? clock_monotonic() - t->began_at : 0;
    places_leave(&p->places, channel, t->slow, took);
    t->slow = false;
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
        t->slow = host_is_doubted(host);
        if (t->slow)
            places_slow(&p->places, r->batch->channel);
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

void post_begin(struct post_state *p, struct recipient *r)
{
    SCOPE(s);
    struct transfer *t = free_transfer(p);
    struct outcome failed = {.state = OUTCOME_FAILED, .reason = r->content->trouble};
    t->recipient = r;
    places_take(&p->places, r->batch->channel);
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

static void report(struct post_state *p)
{
    int64_t now = clock_monotonic();
    const struct post_work work = {.active = p->places.active,
        .provider = p->post->sms ? p->post->sms->name : NULL,
        .window = places_of(CHANNEL_SMS),
        .paused = now < p->paused_until[CHANNEL_SMS]};
    post_lanes_report(&p->lanes, &p->hosts, &work, now);
}

static void notice_slow(struct post_state *p, struct transfer *t, int64_t now)
{
    enum channel channel = t->recipient->batch->channel;
    if (t->slow || now - t->began_at <= places_patience(&p->places, channel))
        return;
    t->slow = true;
    places_slow(&p->places, channel);
}

/* Start what has waited long enough; returns for how many ms the rest still waits. What was
 * cancelled or taken over meanwhile goes back. */
static int launch_ready(struct post_state *p)
{
    static const struct outcome returned = {.state = OUTCOME_RETURNED};
    int64_t now = clock_monotonic(), wait = POLL_MS * INT64_C(1000);
    for (size_t i = 0; i < PLACES; i++) {
        struct transfer *t = &p->transfers[i];
        if (t->recipient && !t->ready_at)
            notice_slow(p, t, now);
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
    post_begin_waiting(p);
    post_begin_more(p);
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
    for (size_t i = 0; i < PLACES; i++) {
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
    post_end_waiting(p);
    for (size_t i = 0; i < PLACES; i++)
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
    places_init(&p->places);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)IDLE_MAX);
    for (size_t i = 0; i < PLACES; i++) {
        strbuf_init(&p->transfers[i].request, REQUEST_MAX);
        strbuf_init(&p->transfers[i].reply, REPLY_MAX);
    }
    while (!atomic_load(&p->post->handover->stop))
        step(p);
    drain(p);
    release(p);
    return NULL;
}
