#pragma once
/*
 * Recipients that wait for room at their host, first come, first served per host. They hold no
 * slot and no unit of the budget, because nothing has been sent to them: a host with many
 * endpoints and a small window delays no other host. A host that is waited for stays in the
 * table of hosts.
 *
 *     host_queue_add(&queue, host, recipient);
 *     for (struct recipient *r; (r = host_queue_take(&queue, host));)
 *         send_to(r);
 *     host_queue_tidy(&queue);
 */
#include <stdbool.h>
#include <stddef.h>

#include "notifier/handover/handover.h"
#include "notifier/http/hosts.h"

/* With this number of waiting recipients, no more of the channel are taken from its batches. */
enum { HOST_QUEUE_MAX = 4096 };

struct host_queue {
    struct host *hosts; /* that have waiting recipients */
    int n[CHANNEL_COUNT];
};

void host_queue_add(struct host_queue *queue, struct host *host, struct recipient *recipient);
/* Remove the first recipient that waits for the host; NULL: none does. */
struct recipient *host_queue_take(struct host_queue *queue, struct host *host);
/* Forget the hosts that no recipient waits for. */
void host_queue_tidy(struct host_queue *queue);
