#include "notifier/http/host_queue.h"

void host_queue_add(struct host_queue *queue, struct host *host, struct recipient *recipient)
{
    queue->n[recipient->batch->channel]++;
    recipient->following = NULL;
    if (host->waits_last)
        host->waits_last->following = recipient;
    else
        host->waits = recipient;
    host->waits_last = recipient;
    if (host->listed)
        return;
    host->listed = true;
    host->following = queue->hosts;
    queue->hosts = host;
}

struct recipient *host_queue_take(struct host_queue *queue, struct host *host)
{
    struct recipient *recipient = host->waits;
    if (!recipient)
        return NULL;
    host->waits = recipient->following;
    if (!host->waits)
        host->waits_last = NULL;
    queue->n[recipient->batch->channel]--;
    return recipient;
}

void host_queue_tidy(struct host_queue *queue)
{
    for (struct host **at = &queue->hosts; *at;) {
        struct host *host = *at;
        if (host->waits) {
            at = &host->following;
            continue;
        }
        *at = host->following;
        host->listed = false;
    }
}
