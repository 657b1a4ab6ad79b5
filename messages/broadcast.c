#include "messages/broadcast.h"

#include <stdlib.h>

#include "core/clock.h"

enum { KEEP_US = 60 * 1000 * 1000 };

static const struct shape broadcast_row = SHAPE("NotifierBroadcast", struct broadcast,
    FIELD(INT, id), FIELD(INT, priority), FIELD(TEXT, kind_name), FIELD(INT, incident_id),
    FIELD(INT, update_id), FIELD(INT, credit_run_id), FIELD(INT, subscriber_id),
    FIELD(TEXT, subject), FIELD(TEXT, body), FIELD(TEXT, extra),
    FIELD(TEXT, incidents, .max = 1000), FIELD(BOOL, milestone), FIELD(TEXT, digest_zone),
    FIELD(TEXT, digest_day), FIELD(TIME, not_before));

STMT(broadcast_read,
    "SELECT id, priority, kind AS kind_name, incident_id, update_id, credit_run_id, subscriber_id, "
    "subject, "
    "body,"
    " extra::text, coalesce(incident_ids, array[incident_id])::text AS incidents, milestone, "
    "digest_zone, digest_day::text, not_before FROM broadcast WHERE id = "
    "$1",
    .row = &broadcast_row);

static struct broadcast *find(struct broadcasts *all, int64_t id)
{
    for (struct broadcast *b = all->first; b; b = b->following)
        if (b->id == id)
            return b;
    return NULL;
}

bool broadcast_is_of_credits(const struct broadcast *b)
{
    return b->kind == KIND_CREDIT_NOTICE || b->kind == KIND_CREDIT_TEST;
}

bool broadcast_is_of_incident(const struct broadcast *b)
{
    enum audience audience = kinds[b->kind].audience;
    return audience == AUDIENCE_INCIDENT || audience == AUDIENCE_TOLD;
}

static enum rc read_broadcast(struct scope *s, struct db *db, int64_t id, struct broadcast *b)
{
    TRY(db_one(s, db, &broadcast_read, PARAMS(P_INT(id)), b));
    b->kind = kind_of(b->kind_name);
    if (b->kind == KIND_COUNT)
        return fail(s, RC_INTERNAL, "broadcast %lld is of kind %s", (long long)id, b->kind_name);
    return RC_OK;
}

enum rc broadcast_get(
    struct scope *s, struct db *db, struct broadcasts *all, int64_t id, struct broadcast **ret)
{
    struct broadcast *b = find(all, id);
    if (!b) {
        struct scope *own = scope_new();
        b = SCOPE_NEW(own, struct broadcast);
        enum rc rc = read_broadcast(own, db, id, b);
        if (rc != RC_OK) {
            fail_from(s, own);
            scope_free(own);
            return rc;
        }
        b->scope = own;
        b->following = all->first;
        all->first = b;
    }
    b->used_at = clock_monotonic();
    *ret = b;
    return RC_OK;
}

void broadcasts_evict(struct broadcasts *all, int64_t now, bool every)
{
    struct broadcast **at = &all->first;
    while (*at) {
        struct broadcast *b = *at;
        if (b->batches || (!every && now - b->used_at < KEEP_US)) {
            at = &b->following;
            continue;
        }
        *at = b->following;
        scope_free(b->scope);
    }
}
