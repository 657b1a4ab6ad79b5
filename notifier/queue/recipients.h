#pragma once
/* Makes a batch, which a sender can work through, of the rows of a claim. */
#include "core/db/db.h"
#include "messages/broadcast.h"
#include "notifier/handover/handover.h"

/* A recipient to be sent to, as amends.claim_range and amends.claim_batch return it. */
struct claimed {
    int64_t batch_id, lease; /* the same in all rows */
    int64_t broadcast_id;    /* of amends.claim_batch */
    bool again;              /* the batch has retries */
    int64_t id;
    const char *address;
    const char *sealed, *secret; /* hex of sealed columns, or NULL */
    const char *locale, *timezone, *format;
    int64_t attempts, first_at; /* of a retry */
    bool possible_duplicate;
    const char *selection; /* of a digest: ids of the incidents it reports to this recipient */
    /* credit notices: */
    const char *contact_name, *account_name, *account_ref;
    int64_t credit_id;
    const char *amounts, *currency, *why, *days;       /* of amends.credit_letter */
    int64_t claim_account, claim_contact, claim_until; /* of amends.claims_to, or SHAPE_NONE */
    const char *claim;
    int64_t page_contact; /* of amends.page_contacts, or SHAPE_NONE */
};
extern const struct shape claimed_shape;

struct recipients_spec {
    struct broadcast *broadcast;
    enum channel channel;
    int64_t batch_id, lease;
    bool again, orphan;
};

/* rows: struct claimed. Sealed addresses are opened; a recipient whose address cannot
 * be opened (its key is gone) gets a content that is never sent. */
enum rc recipients_batch(struct scope *s, struct db *db, struct broadcasts *all,
    const struct recipients_spec *spec, const struct list *rows, struct batch **ret);
