#include "notifier/handover/handover.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/crash_point.h"
#include "messages/broadcast.h"

/* A commit per message would be too expensive: half of the budget is worth one, while the other
 * half is being sent. No outcome waits longer than RIPE_US: a slower relay gives fewer outcomes,
 * and a commit costs as much as 20 of them. */
enum { RIPE = BUDGET / 2, RIPE_US = 10000 };

bool address_is_slack_bot(const char *address)
{
    static const char scheme[] = "slack://";
    return !strncmp(address, scheme, strlen(scheme));
}

static void wake(int fd)
{
    uint64_t one = 1;
    if (write(fd, &one, sizeof one) < 0)
        return; /* EAGAIN: the counter is full, so the reader wakes anyway */
}

void handover_drain(int fd)
{
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0)
        return;
}

static void release(void *arg)
{
    struct handover *h = arg;
    for (int i = 0; i < FEED_COUNT; i++) {
        close(h->feed[i].wake);
        pthread_mutex_destroy(&h->feed[i].lock);
    }
    close(h->wake);
    pthread_mutex_destroy(&h->lock);
    free(h->ended);
}

enum rc handover_init(struct scope *s, struct handover *h)
{
    *h = (struct handover){0};
    bool good = true;
    for (int i = 0; i < FEED_COUNT; i++) {
        pthread_mutex_init(&h->feed[i].lock, NULL);
        h->feed[i].wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        good = good && h->feed[i].wake >= 0;
    }
    pthread_mutex_init(&h->lock, NULL);
    h->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    scope_defer(s, release, h);
    return good && h->wake >= 0 ? RC_OK : fail(s, RC_INTERNAL, "eventfd: %m");
}

static bool goes_before(const struct batch *a, const struct batch *b)
{
    if (a->again != b->again)
        return b->again;
    if (a->broadcast->priority != b->broadcast->priority)
        return a->broadcast->priority < b->broadcast->priority;
    if (a->broadcast->id != b->broadcast->id)
        return a->broadcast->id < b->broadcast->id;
    return a->orphan && !b->orphan;
}

static void insert(struct batch **list, struct batch *batch)
{
    while (*list && !goes_before(batch, *list))
        list = &(*list)->following;
    batch->following = *list;
    *list = batch;
}

void handover_batch(struct handover *h, struct batch *batch)
{
    struct feed *feed = &h->feed[batch->channel == CHANNEL_EMAIL ? FEED_MAIL : FEED_HTTP];
    atomic_fetch_add(&h->waiting[batch->channel], (int)batch->n);
    pthread_mutex_lock(&feed->lock);
    insert(&feed->arrived, batch);
    pthread_mutex_unlock(&feed->lock);
    wake(feed->wake);
}

static void grow(struct ended **at, size_t *alloc, size_t need)
{
    if (need <= *alloc)
        return;
    size_t size = need < 2 * BUDGET ? 2 * BUDGET : 2 * need;
    struct ended *grown = realloc(*at, size * sizeof **at);
    if (!grown)
        abort();
    *at = grown;
    *alloc = size;
}

void handover_collect(struct handover *h, struct ended **at, size_t *n, size_t *alloc)
{
    pthread_mutex_lock(&h->lock);
    grow(at, alloc, *n + h->n);
    for (size_t i = 0; i < h->n; i++)
        (*at)[(*n)++] = h->ended[i];
    h->n = 0;
    pthread_mutex_unlock(&h->lock);
}

int64_t handover_ripe_at(struct handover *h)
{
    pthread_mutex_lock(&h->lock);
    int64_t at = !h->n ? 0 : atomic_load(&h->starved) ? 1 : h->ripe_at;
    pthread_mutex_unlock(&h->lock);
    return at;
}

void handover_give_units(struct handover *h, size_t n)
{
    atomic_fetch_sub(&h->used, (int)n);
    if (!atomic_exchange(&h->starved, false))
        return;
    for (int i = 0; i < FEED_COUNT; i++)
        wake(h->feed[i].wake);
}

void handover_stop(struct handover *h)
{
    atomic_store(&h->stop, true);
    for (int i = 0; i < FEED_COUNT; i++)
        wake(h->feed[i].wake);
}

void handover_take(struct handover *h, enum feed_of of, struct batch **list)
{
    struct feed *feed = &h->feed[of];
    pthread_mutex_lock(&feed->lock);
    struct batch *arrived = feed->arrived;
    feed->arrived = NULL;
    pthread_mutex_unlock(&feed->lock);
    while (arrived) {
        struct batch *batch = arrived;
        arrived = batch->following;
        insert(list, batch);
    }
}

bool handover_unit(struct handover *h)
{
    if (atomic_fetch_add(&h->used, 1) < BUDGET)
        return true;
    /* Flag first, then look again, so that a unit given back in between is not missed. */
    atomic_store(&h->starved, true);
    if (atomic_fetch_sub(&h->used, 1) <= BUDGET)
        wake(h->feed[FEED_MAIL].wake), wake(h->feed[FEED_HTTP].wake);
    /* Without outcomes there is nothing to settle, and the next outcome wakes the thread. */
    pthread_mutex_lock(&h->lock);
    bool any = h->n;
    pthread_mutex_unlock(&h->lock);
    if (any)
        wake(h->wake);
    return false;
}

void handover_unsent(struct handover *h, struct recipient *recipient, const struct outcome *outcome)
{
    atomic_fetch_add(&h->used, 1);
    handover_ended(h, recipient, outcome);
}

/* The last outcome may free the batch, so it leaves the list with its last recipient. */
static struct recipient *take_from(struct handover *h, struct batch **at)
{
    struct batch *batch = *at;
    struct recipient *recipient = &batch->at[batch->next++];
    if (batch->next == batch->n)
        *at = batch->following;
    atomic_fetch_sub(&h->waiting[batch->channel], 1);
    return recipient;
}

static const struct outcome returned = {.state = OUTCOME_RETURNED};
static const struct outcome put_off = {.state = OUTCOME_LATER, .retry_after = CLOCK_SECOND};

/* None of the rest is sent. */
static void end_batch(struct handover *h, struct batch **at, const struct outcome *outcome)
{
    struct batch *batch = *at;
    for (size_t left = batch->n - batch->next; left; left--)
        handover_unsent(h, take_from(h, at), outcome);
}

struct recipient *handover_next(struct handover *h, struct batch **list, enum channel channel)
{
    struct batch **at = list;
    while (*at && !atomic_load(&h->stop)) {
        if (channel != CHANNEL_COUNT && (*at)->channel != channel) {
            at = &(*at)->following;
        } else if (atomic_load(&(*at)->lost)) {
            end_batch(h, at, &returned);
        } else if (atomic_load(&(*at)->held)) {
            end_batch(h, at, &put_off);
        } else {
            if (!handover_unit(h))
                return NULL;
            crash_point("sending");
            return take_from(h, at);
        }
    }
    return NULL;
}

void handover_return(struct handover *h, struct batch **list)
{
    while (*list)
        end_batch(h, list, &returned);
}

void handover_ended(struct handover *h, struct recipient *recipient, const struct outcome *outcome)
{
    crash_point("sent");
    pthread_mutex_lock(&h->lock);
    grow(&h->ended, &h->alloc, h->n + 1);
    h->ended[h->n++] =
        (struct ended){.recipient = recipient, .at = clock_now(), .outcome = *outcome};
    bool first = h->n == 1, many = h->n == RIPE;
    if (first)
        h->ripe_at = clock_monotonic() + RIPE_US;
    if (many)
        h->ripe_at = 1;
    pthread_mutex_unlock(&h->lock);
    if (first || many)
        wake(h->wake);
}
