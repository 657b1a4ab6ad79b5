#include "notifier/queue/claim.h"

#include "core/crash_point.h"
#include "notifier/queue/recipients.h"
#include "notifier/queue/staff.h"

/* SMS are recorded before they are sent, so a crash makes a whole batch of them unknown. */
enum { FULL = 500, SMS_FULL = 20 };

STMT(claim_due,
    "SELECT c.* FROM amends.batch_of_due($1::channel, $2, $3) AS b(id),"
    " amends.claim_batch(b.id, $4::text[]) c WHERE b.id IS NOT NULL",
    .row = &claimed_shape);

STMT(claim_orphan,
    "SELECT c.* FROM amends.batch_of_orphan($1::channel, $2) AS b(id),"
    " amends.claim_batch(b.id, $3::text[]) c WHERE b.id IS NOT NULL",
    .row = &claimed_shape);

struct claim {
    struct claimant *claimant;
    enum claim_of of;
    enum channel channel;
    struct batch *batch;
};

static enum rc read_claim(
    struct scope *s, struct db *db, const struct claim *claim, struct list *ret)
{
    bool sms = claim->channel == CHANNEL_SMS;
    struct staff staff = staff_places(s, claim->claimant->broadcasts->config);
    struct param channel = P_TEXT(channel_name[claim->channel]);
    struct param owner = P_INT(claim->claimant->registration->id);
    struct param places = P_TEXTS(s, &staff.addresses);
    if (claim->of == CLAIM_ORPHAN)
        return db_all(s, db, &claim_orphan, PARAMS(channel, owner, places), ret);
    return db_all(
        s, db, &claim_due, PARAMS(channel, owner, P_INT(sms ? SMS_FULL : FULL), places), ret);
}

static void drop_batch(struct claim *claim)
{
    if (claim->batch)
        scope_free(claim->batch->scope);
    claim->batch = NULL;
}

static enum rc claim_txn(struct scope *s, struct db *db, void *arg)
{
    struct claim *claim = arg;
    drop_batch(claim);
    TRY(registration_check(s, db, claim->claimant->registration));
    struct list rows;
    TRY(read_claim(s, db, claim, &rows));
    if (!rows.n)
        return RC_OK;
    crash_point("again");
    const struct claimed *first = rows.at;
    struct recipients_spec spec = {
        .channel = claim->channel,
        .batch_id = first->batch_id,
        .lease = first->lease,
        .again = first->again,
        .orphan = claim->of == CLAIM_ORPHAN,
    };
    TRY(broadcast_get(s, db, claim->claimant->broadcasts, first->broadcast_id, &spec.broadcast));
    return recipients_batch(s, db, claim->claimant->broadcasts, &spec, &rows, &claim->batch);
}

enum rc claim_batch(struct scope *s, struct claimant *claimant, enum claim_of of,
    enum channel channel, struct batch **ret)
{
    struct claim claim = {.claimant = claimant, .of = of, .channel = channel};
    enum rc rc = db_txn(s, claimant->db, claim_txn, &claim);
    if (rc != RC_OK) {
        drop_batch(&claim);
        return rc;
    }
    if (claim.batch)
        registration_add(claimant->registration, claim.batch);
    *ret = claim.batch;
    return RC_OK;
}
