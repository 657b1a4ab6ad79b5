#include "notifier/post.h"

#include <stdlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "notifier/content.h"
#include "notifier/lanes.h"
#include "notifier/slack.h"

enum {
    TRANSFERS = 150,
    REQUEST_MAX = 1024 * 1024,
    REPLY_MAX = 16 * 1024,
    PACES = 8192,
    POLL_MS = 500,
    DRAIN_MS = 10000,
};

/* Transfers of a channel at once; together TRANSFERS, and well below the budget, so that
 * the mail thread always has its part of it. */
static const int share[CHANNEL_COUNT] = {
    [CHANNEL_WEBHOOK] = 100, [CHANNEL_SLACK] = 30, [CHANNEL_SMS] = 20};

struct post_state {
    const struct post *post;
    CURLM *multi;
    struct batch *list;
    struct transfer transfers[TRANSFERS];
    int active[CHANNEL_COUNT];
    bool reported[CHANNEL_COUNT]; /* as active, to lanes.h */
    int running;
    int64_t paused_until[CHANNEL_COUNT]; /* us, monotonic */
    int64_t pace[PACES]; /* when the next message to a Slack URL may go; by subscriber id */
};

static struct transfer *free_transfer(struct post_state *p)
{
    for (size_t i = 0; i < TRANSFERS; i++)
        if (!p->transfers[i].recipient)
            return &p->transfers[i];
    return NULL;
}

static void finish(struct post_state *p, struct transfer *t, const struct outcome *outcome)
{
    enum channel channel = t->recipient->batch->channel;
    if (outcome->pause) {
        p->paused_until[channel] = clock_monotonic() + outcome->pause;
        log_event(LOG_ERROR, "the provider refuses us", LOG_TEXT("channel", channel_name[channel]),
            LOG_INT("status", outcome->code));
    }
    p->active[channel]--;
    p->running--;
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    handover_ended(p->post->handover, t->recipient, outcome);
    t->recipient = NULL;
}

/* A message a second to one Slack URL. Two URLs that share a slot wait for each other. */
static int64_t pace(struct post_state *p, const struct recipient *r)
{
    if (r->batch->channel != CHANNEL_SLACK)
        return 0;
    int64_t now = clock_monotonic(), *slot = &p->pace[(uint64_t)r->id % PACES];
    int64_t at = *slot > now ? *slot : now;
    *slot = at + SLACK_GAP;
    return at > now ? at : 0;
}

static void launch(struct post_state *p, struct transfer *t)
{
    t->ready_at = 0;
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
        while (p->active[c] < share[c]) {
            struct transfer *t = free_transfer(p);
            struct recipient *r = t ? handover_next(p->post->handover, &p->list, c) : NULL;
            if (!r)
                break;
            begin(p, t, r);
        }
    }
}

/* Channels that have something under way, or had a moment ago. */
static void report(struct post_state *p)
{
    for (enum channel c = 0; c < CHANNEL_COUNT; c++) {
        if (!p->active[c] && !p->reported[c])
            continue;
        bool paused = clock_monotonic() < p->paused_until[c];
        lanes_report(&(struct lane){.channel = c,
            .host = "",
            .window = share[c],
            .in_flight = p->active[c],
            .trouble = paused ? "the provider refuses us" : NULL});
        p->reported[c] = p->active[c] > 0;
    }
}

/* Start what has waited long enough; returns for how many ms the rest still waits. What was
 * cancelled or taken over meanwhile goes back. */
static int launch_ready(struct post_state *p)
{
    static const struct outcome returned = {.state = OUTCOME_RETURNED};
    int64_t now = clock_monotonic(), wait = POLL_MS * INT64_C(1000);
    for (size_t i = 0; i < TRANSFERS; i++) {
        struct transfer *t = &p->transfers[i];
        if (!t->recipient || !t->ready_at)
            continue;
        if (atomic_load(&t->recipient->batch->lost))
            finish(p, t, &returned);
        else if (t->ready_at <= now)
            launch(p, t);
        else if (t->ready_at - now < wait)
            wait = t->ready_at - now;
    }
    return (int)(wait / 1000) + 1;
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
        struct outcome outcome = post_judge(p->post, t, code);
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
