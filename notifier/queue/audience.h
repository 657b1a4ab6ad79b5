#ifndef NOTIFIER_QUEUE_AUDIENCE_H
#define NOTIFIER_QUEUE_AUDIENCE_H
/*
 * Who a broadcast is for, read when a batch is claimed: state, subscriptions,
 * verbosity and suppression as they are now, not when the broadcast was made.
 */
#include "core/db/db.h"
#include "messages/broadcast.h"

struct audience_row {
    int64_t id;
    int64_t batch_id, lease; /* of a claim (range_claim.h); else 0 */
    const char *address;
    const char *sealed, *secret; /* hex of sealed columns, or NULL */
    const char *locale, *timezone, *format;
    const char *settled;        /* NULL: to be sent to; else its state without sending */
    const char *reason;         /* of settled */
    int64_t attempts, first_at; /* of a retry */
    bool possible_duplicate;
    const char *selection; /* of a digest: ids of the incidents it tells this one of */
    /* credit notices: */
    const char *contact_name, *account_name, *account_ref;
    int64_t credit_id;
    const char *amounts, *currency, *why, *days; /* of credit_letter */
};

struct audience_range {
    enum channel channel;
    int64_t lo, hi;                    /* (lo, hi] */
    int64_t limit;                     /* audience_due */
    const struct config *config;       /* audience_due: where staff are */
    bool newer_every, newer_milestone; /* of the cursor: who is superseded */
};

extern const struct shape audience_shape;

/* Who is left of a range: no outcome yet, and no retry. In order of id; struct audience_row. */
enum rc audience_left(struct scope *s, struct db *db, const struct broadcast *b,
    const struct audience_range *range, struct list *ret);

/* Due retries (batch_id 0), or those of one batch; locked until the transaction ends. */
enum rc audience_due(struct scope *s, struct db *db, const struct broadcast *b,
    const struct audience_range *range, int64_t batch_id, struct list *ret);

#endif
