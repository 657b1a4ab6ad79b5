#include "notifier/queue/slack_roots.h"

#include <string.h>

#include "messages/broadcast.h"

struct root {
    int64_t id;
    const char *root;
};
static const struct shape root_shape =
    SHAPE("SlackRoot", struct root, FIELD(INT, id), FIELD(TEXT, root));

STMT(slack_roots,
    "SELECT DISTINCT ON (d.recipient_id) d.recipient_id AS id, d.reference AS root"
    " FROM broadcast o JOIN delivery d ON d.broadcast_id = o.id"
    " WHERE o.kind = 'update' AND o.incident_id = $1 AND o.id < $2"
    " AND d.recipient_id = ANY ($3::bigint[]) AND d.channel = 'slack'"
    " AND d.reference IS NOT NULL ORDER BY d.recipient_id, o.id",
    .row = &root_shape);

enum rc slack_roots_read(struct scope *s, struct db *db, struct batch *batch)
{
    const struct broadcast *b = batch->broadcast;
    int64_t *ids = SCOPE_ARRAY(s, int64_t, batch->n);
    size_t n = 0;
    for (size_t i = 0; i < batch->n; i++)
        if (batch->at[i].address && address_is_slack_bot(batch->at[i].address))
            ids[n++] = batch->at[i].id;
    if (!n || strcmp(b->kind, "update") != 0)
        return RC_OK;
    struct list roots;
    TRY(db_all(s, db, &slack_roots, PARAMS(P_INT(b->incident_id), P_INT(b->id), P_INTS(s, ids, n)),
        &roots));
    const struct root *at = roots.at;
    for (size_t i = 0; i < roots.n; i++)
        for (size_t j = 0; j < batch->n; j++)
            if (batch->at[j].id == at[i].id)
                batch->at[j].root = scope_strdup(batch->scope, at[i].root);
    return RC_OK;
}
