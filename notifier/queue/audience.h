#ifndef NOTIFIER_QUEUE_AUDIENCE_H
#define NOTIFIER_QUEUE_AUDIENCE_H
/* The recipients of a broadcast, read when a batch is claimed: state, subscriptions, verbosity and
 * suppression as they are now, not when the broadcast was made. */
#include "core/db/db.h"
#include "messages/broadcast.h"

struct audience_row {
    int64_t id;
    int64_t batch_id, lease; /* of a claim (range_claim.h); else 0 */
    const char *address;
    const char *sealed, *secret; /* hex of sealed columns, or NULL */
    const char *locale, *timezone, *format;
    const char *settled;        /* its state without sending; NULL: it is to be sent to */
    const char *reason;         /* of settled */
    int64_t attempts, first_at; /* of a retry */
    bool possible_duplicate;
    const char *selection; /* of a digest: ids of the incidents it reports to this recipient */
    /* credit notices: */
    const char *contact_name, *account_name, *account_ref;
    int64_t credit_id;
    const char *amounts, *currency, *why, *days; /* of amends.credit_letter */
};

struct audience_range {
    enum channel channel;
    int64_t lo, hi;                    /* (lo, hi] */
    int64_t limit;                     /* audience_due */
    const struct config *config;       /* audience_due: the places of staff */
    bool newer_every, newer_milestone; /* of the cursor: which recipients are superseded */
};

extern const struct shape audience_shape;

/* The recipients of a range that have neither an outcome nor a retry. In order of id; struct
 * audience_row. */
enum rc audience_left(struct scope *s, struct db *db, const struct broadcast *b,
    const struct audience_range *range, struct list *ret);

/* The due retries (batch_id 0), or those of one batch; locked until the transaction ends. */
enum rc audience_due(struct scope *s, struct db *db, const struct broadcast *b,
    const struct audience_range *range, int64_t batch_id, struct list *ret);

#endif
