#ifndef NOTIFIER_HTTP_HTTP_ADMIT_H
#define NOTIFIER_HTTP_HTTP_ADMIT_H
/* Which recipient may be sent to next, waits for room at its host, or is put off. */
#include "notifier/http/host_queue.h"
#include "notifier/http/http_transfer.h"

struct admission {
    struct transfers *transfers;
    struct batch *list;
    struct host_queue queue;
};

/* Take what has arrived; begin with recipients that waited for room at their host, then with more
 * from the batches. */
void admit(struct admission *a);
/* On stop: everything that has not begun is returned. */
void admit_none(struct admission *a);

#endif
