#ifndef NOTIFIER_QUEUE_RECIPIENTS_H
#define NOTIFIER_QUEUE_RECIPIENTS_H
/* From rows of the audience to a batch that a sender can work through. */
#include "notifier/queue/audience.h"
#include "notifier/handover/handover.h"

struct recipients_spec {
    struct broadcast *broadcast;
    enum channel channel;
    int64_t batch_id, lease;
    bool again, orphan;
};

/* Rows with .settled are left out. Sealed addresses are opened; one that can not be
 * (its key is gone) gets a content that nobody is sent. */
enum rc recipients_batch(struct scope *s, struct db *db, struct broadcasts *all,
    const struct recipients_spec *spec, const struct list *rows, struct batch **ret);

#endif
