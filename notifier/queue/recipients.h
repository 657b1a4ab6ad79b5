#ifndef NOTIFIER_QUEUE_RECIPIENTS_H
#define NOTIFIER_QUEUE_RECIPIENTS_H
/* Makes a batch, which a sender can work through, of rows of the audience. */
#include "notifier/handover/handover.h"
#include "notifier/queue/audience.h"

struct recipients_spec {
    struct broadcast *broadcast;
    enum channel channel;
    int64_t batch_id, lease;
    bool again, orphan;
};

/* Rows with .settled are left out. Sealed addresses are opened; a recipient whose address cannot
 * be opened (its key is gone) gets a content that is never sent. */
enum rc recipients_batch(struct scope *s, struct db *db, struct broadcasts *all,
    const struct recipients_spec *spec, const struct list *rows, struct batch **ret);

#endif
