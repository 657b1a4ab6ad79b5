#include "notifier/http/http_transfer.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "messages/broadcast.h"
#include "messages/content.h"
#include "messages/limits.h"

enum {
    IDLE_MAX = 512, /* connections kept for another request */
    POLL_MS = 500,
    HOLD_US = 10000, /* until a full window is looked at again */
};

static const struct outcome returned = {.state = OUTCOME_RETURNED};

static struct transfer *free_transfer(struct transfers *all)
{
    for (size_t i = 0; i < TRANSFER_SLOTS; i++)
        if (!all->at[i].request.recipient)
            return &all->at[i];
    return NULL;
}

static size_t endpoint_index(const struct recipient *r)
{
    return (size_t)((uint64_t)r->id % PACES);
}

/* For the operator; the database has the same in the subscriber's state_reason. */
static void report_gone(const struct recipient *r, const struct outcome *outcome)
{
    log_event(LOG_WARN, "an endpoint no longer exists and receives no more messages",
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

static void finish(struct transfers *all, struct transfer *t, const struct outcome *outcome)
{
    enum channel channel = t->request.recipient->batch->channel;
    if (outcome->pause) {
        all->paused_until = clock_monotonic() + outcome->pause;
        log_event(LOG_ERROR, "the provider refuses us",
            LOG_INT("broadcast", t->request.recipient->batch->broadcast->id),
            LOG_TEXT("channel", channel_name[channel]), LOG_INT("status", outcome->code));
    }
    if (outcome->rest)
        all->rest[endpoint_index(t->request.recipient)] = clock_monotonic() + outcome->rest;
    if (outcome->state == OUTCOME_DISABLE && channel != CHANNEL_PUSH) /* browsers come and go */
        report_gone(t->request.recipient, outcome);
    if (t->host)
        host_end(t->host, host_answer(outcome), outcome->retry_after, clock_monotonic());
    t->host = NULL;
    int64_t took = outcome->code && !t->follows ? clock_monotonic() - t->began_at : 0;
    transfer_slots_leave(&all->slots, channel, t->slow, took);
    t->slow = false;
    all->running--;
    http_request_end(&t->request);
    handover_ended(all->sender->handover, t->request.recipient, outcome);
    t->request.recipient = NULL;
    t->follows = false;
}

/* When the next message may go to an endpoint; 0: now. Two that share an entry wait for each
 * other. */
static int64_t pace(struct transfers *all, const struct recipient *r)
{
    int64_t gap = limits_of(r->batch->channel)->gap_ms * 1000;
    if (!gap)
        return 0;
    int64_t now = clock_monotonic(), *slot = &all->pace[endpoint_index(r)];
    int64_t at = *slot > now ? *slot : now;
    *slot = at + gap;
    return at > now ? at : 0;
}

/* Put off a message to a host that rests, or whose window is full while it is silent: it would
 * only hold a slot that another host can use. SMS have one provider, so they are sent. False: not
 * now. */
static bool enter_host(struct transfers *all, struct transfer *t, int64_t now)
{
    const struct recipient *r = t->request.recipient;
    struct outcome later = {.state = OUTCOME_LATER, .reason = "host_rests"};
    if (r->batch->channel == CHANNEL_SMS)
        return true;
    struct host *host = hosts_of(&all->hosts, r->address, now);
    host->channel = (int)r->batch->channel;
    if (host_may_begin(host, now, &later.retry_after)) {
        host_begin(host, now);
        t->host = host;
        t->slow = host_is_doubted(host);
        if (t->slow)
            transfer_slots_slow(&all->slots, r->batch->channel);
        return true;
    }
    t->ready_at = now + HOLD_US;
    if (later.retry_after)
        finish(all, t, &later);
    return false;
}

static void start(struct transfers *all, struct transfer *t)
{
    curl_easy_setopt(t->request.curl, CURLOPT_PRIVATE, t);
    if (curl_multi_add_handle(all->multi, t->request.curl) != CURLM_OK)
        abort();
}

static void launch(struct transfers *all, struct transfer *t)
{
    int64_t now = clock_monotonic(), rests = all->rest[endpoint_index(t->request.recipient)];
    if (rests > now)
        t->ready_at = rests;
    if (rests > now || !enter_host(all, t, now))
        return;
    t->ready_at = 0;
    t->began_at = now;
    start(all, t);
}

void transfer_begin(struct transfers *all, struct recipient *r)
{
    SCOPE(s);
    struct transfer *t = free_transfer(all);
    struct outcome failed = {.state = OUTCOME_FAILED, .reason = r->content->trouble};
    t->request.recipient = r;
    transfer_slots_take(&all->slots, r->batch->channel);
    all->running++;
    if (!failed.reason)
        failed.reason = http_request_prepare(s, all->sender, &t->request);
    if (failed.reason) {
        finish(all, t, &failed);
        return;
    }
    t->ready_at = pace(all, r);
    if (!t->ready_at)
        launch(all, t);
}

static void notice_slow(struct transfers *all, struct transfer *t, int64_t now)
{
    enum channel channel = t->request.recipient->batch->channel;
    if (t->slow || now - t->began_at <= transfer_slots_patience(&all->slots, channel))
        return;
    t->slow = true;
    transfer_slots_slow(&all->slots, channel);
}

int transfers_launch(struct transfers *all)
{
    int64_t now = clock_monotonic(), wait = POLL_MS * INT64_C(1000);
    for (size_t i = 0; i < TRANSFER_SLOTS; i++) {
        struct transfer *t = &all->at[i];
        if (t->request.recipient && !t->ready_at)
            notice_slow(all, t, now);
        if (!t->request.recipient || !t->ready_at)
            continue;
        if (atomic_load(&t->request.recipient->batch->lost))
            finish(all, t, &returned);
        else if (t->ready_at <= now)
            launch(all, t);
        if (t->request.recipient && t->ready_at > now && t->ready_at - now < wait)
            wait = t->ready_at - now;
    }
    return (int)(wait / 1000) + 1;
}

/* The recipient's outcome is that of the first request. */
static bool follow(struct transfers *all, struct transfer *t, const struct outcome *outcome)
{
    SCOPE(s);
    if (t->follows || outcome->state != OUTCOME_ACCEPTED)
        return false;
    if (!http_request_follow(s, all->sender, &t->request))
        return false;
    t->follows = true;
    t->first = *outcome;
    start(all, t);
    return true;
}

static bool collect(struct transfers *all)
{
    bool any = false;
    int left;
    for (CURLMsg *msg; (msg = curl_multi_info_read(all->multi, &left)); any = true) {
        struct transfer *t;
        CURLcode code = msg->data.result;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &t);
        curl_multi_remove_handle(all->multi, t->request.curl);
        struct outcome outcome =
            t->follows ? t->first : http_request_classify(all->sender, &t->request, code);
        if (!follow(all, t, &outcome))
            finish(all, t, &outcome);
    }
    return any;
}

void transfers_run(struct transfers *all, int wake, int wait_ms)
{
    struct curl_waitfd extra = {.fd = wake, .events = CURL_WAIT_POLLIN};
    curl_multi_perform(all->multi, &(int){0});
    if (!collect(all))
        curl_multi_poll(all->multi, &extra, 1, wait_ms, NULL);
}

void transfers_return(struct transfers *all)
{
    for (size_t i = 0; i < TRANSFER_SLOTS; i++)
        if (all->at[i].request.recipient && all->at[i].ready_at)
            finish(all, &all->at[i], &returned);
}

void transfers_init(struct transfers *all, const struct sender *sender)
{
    all->sender = sender;
    all->multi = curl_multi_init();
    if (!all->multi)
        abort();
    hosts_init(&all->hosts);
    transfer_slots_init(&all->slots);
    curl_multi_setopt(all->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_MAX);
    for (size_t i = 0; i < TRANSFER_SLOTS; i++)
        http_request_init(&all->at[i].request);
}

void transfers_release(struct transfers *all)
{
    for (size_t i = 0; i < TRANSFER_SLOTS; i++) {
        struct transfer *t = &all->at[i];
        if (t->request.recipient && !t->ready_at)
            curl_multi_remove_handle(all->multi, t->request.curl);
        http_request_release(&t->request);
    }
    curl_multi_cleanup(all->multi);
    hosts_release(&all->hosts);
}
