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
enum { CROWD_MAX = 4096 };

struct crowd {
    struct host *hosts; /* that somebody waits for */
    int n[CHANNEL_COUNT];
};

void crowd_add(struct crowd *crowd, struct host *host, struct recipient *recipient);
/* The first who waits for the host, who waits no more; NULL: nobody does. */
struct recipient *crowd_take(struct crowd *crowd, struct host *host);
/* Forget the hosts that nobody waits for any more. */
void crowd_tidy(struct crowd *crowd);

#endif
