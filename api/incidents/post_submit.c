#include "api/incidents/post_submit.h"

#include "core/clock.h"
#include "core/json.h"

static const struct shape posted_shape = SHAPE("Posted", struct posted, FIELD(INT, update_id),
    FIELD(INT, broadcast_id), FIELD(INT, held_post_id), FIELD(TIME, publish_at));

STMT(post_submit_one,
    "SELECT out_update_id AS update_id, out_broadcast_id AS broadcast_id,"
    "   out_held_post_id AS held_post_id, out_publish_at AS publish_at"
    " FROM amends.post_submit($1, $2::bigint[], $3, $4, $5::jsonb, $6, $7, $8)",
    .row = &posted_shape);

enum rc post_submit(
    struct scope *s, struct db *db, const struct post_order *order, struct posted *ret)
{
    return db_one(s, db, &post_submit_one,
        PARAMS(P_TEXT(order->action), P_INTS(s, order->incidents, order->n), P_TEXT(order->ref),
            P_TEXT(order->title), P_TEXT(json_text(s, order->document)), P_INT(order->update_id),
            P_INT(order->hold_seconds), P_INT(order->actor)),
        ret);
}

const char *post_audit(struct scope *s, const struct posted *posted)
{
    if (posted->held_post_id == SHAPE_NONE)
        return NULL;
    return scope_printf(s, "{\"held_post\":%lld}", (long long)posted->held_post_id);
}

void post_put_time(struct scope *s, json_t *document, const char *name, int64_t at)
{
    if (at != SHAPE_NONE)
        json_object_set_new(document, name, json_string(clock_rfc3339(s, at)));
}
