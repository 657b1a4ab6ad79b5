#ifndef NOTIFIER_HTTP_HOST_QUEUE_H
#define NOTIFIER_HTTP_HOST_QUEUE_H
/*
 * Recipients that wait for room at their host. They hold no place and no unit of the
 * budget, since nothing of them is sent, so a host with many endpoints and a small window
 * keeps nobody else from being sent to. A host that somebody waits for stays known.
 * First come, first served, a host.
 */
#include <stdbool.h>
#include <stddef.h>

#include "notifier/handover/handover.h"
#include "notifier/http/hosts.h"

/* When so many of a channel wait no more are taken from its batches. */
enum { HOST_QUEUE_MAX = 4096 };

struct host_queue {
    struct host *hosts; /* that somebody waits for */
    int n[CHANNEL_COUNT];
};

void host_queue_add(struct host_queue *queue, struct host *host, struct recipient *recipient);
/* The first who waits for the host, who waits no more; NULL: nobody does. */
struct recipient *host_queue_take(struct host_queue *queue, struct host *host);
/* Forget the hosts that nobody waits for any more. */
void host_queue_tidy(struct host_queue *queue);

#endif
