#include "notifier/http/host_queue.h"

void crowd_add(struct crowd *crowd, struct host *host, struct recipient *recipient)
{
    crowd->n[recipient->batch->channel]++;
    recipient->following = NULL;
    if (host->waits_last)
        host->waits_last->following = recipient;
    else
        host->waits = recipient;
    host->waits_last = recipient;
    if (host->listed)
        return;
    host->listed = true;
    host->following = crowd->hosts;
    crowd->hosts = host;
}

struct recipient *crowd_take(struct crowd *crowd, struct host *host)
{
    struct recipient *recipient = host->waits;
    if (!recipient)
        return NULL;
    host->waits = recipient->following;
    if (!host->waits)
        host->waits_last = NULL;
    crowd->n[recipient->batch->channel]--;
    return recipient;
}

void crowd_tidy(struct crowd *crowd)
{
    for (struct host **at = &crowd->hosts; *at;) {
        struct host *host = *at;
        if (host->waits) {
            at = &host->following;
            continue;
        }
        *at = host->following;
        host->listed = false;
    }
}
