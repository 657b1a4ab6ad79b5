#pragma once
/* The sender threads of a notifier: mail and HTTP, or the outbox alone. */
#include <pthread.h>

#include "notifier/handover/handover.h"

struct senders {
    struct sender with; /* their argument; must outlive them */
    pthread_t thread[FEED_COUNT];
    bool running[FEED_COUNT];
    bool enabled[CHANNEL_COUNT]; /* messages of the others wait in the database */
};

/* Set enabled by the configuration, and start the threads. ->with has all but sms and vapid, which
 * s owns. */
enum rc senders_start(struct scope *s, struct senders *senders, bool outbox);

/* After handover_stop: does one still run? */
bool senders_running(struct senders *senders);
