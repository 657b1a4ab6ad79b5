/* Returned mail; POST /hooks/mail accepts it from a remote mail server. */
#include "api/hooks/inbound.h"

#include <string.h>

#include "api/call/call.h"
#include "api/hooks/hooks.h"
#include "core/mail/verp.h"

const struct shape inbound_shape = SHAPE("InboundMail", struct inbound,
    FIELD(TEXT, kind, .required = true, .doc = "bounce, complaint, auto_reply, other."),
    FIELD(TEXT, result, .required = true,
        .doc = "suppressed, counted (soft), noted (this message only), repeated, ignored, forged "
               "(the return path is not signed by us), expired, unknown."),
    FIELD(TEXT, status, .doc = "RFC 3463."),
    FIELD(TEXT, diagnostic, .doc = "Text of the other side."));

STMT(inbound_bounce, "SELECT amends.bounce_take($1, $2, $3, $4, $5, $6) AS result",
    .row = &row_text);
STMT(inbound_tally, "INSERT INTO inbound_count AS c (kind, result, n) VALUES ($1, $2, 1)"
                    " ON CONFLICT (kind, result) DO UPDATE SET n = c.n + 1, last_at = now()");

struct taking {
    const struct sign *keys;
    const struct bounce *bounce;
    const char *recipient;
    const char *result;
};

/* The first valid candidate. RC_DENIED: none; *ret_forged if one resembled ours. */
static enum rc find_path(
    struct scope *s, const struct taking *taking, struct verp *ret, bool *ret_forged)
{
    SCOPE(inner);
    const struct texts *paths = &taking->bounce->paths;
    if (taking->recipient && verp_open(inner, taking->keys, taking->recipient, ret) == RC_OK)
        return RC_OK;
    bool forged = taking->recipient && strchr(taking->recipient, '+');
    for (size_t i = 0; i < paths->n; i++) {
        if (verp_open(inner, taking->keys, paths->at[i], ret) == RC_OK)
            return RC_OK;
        forged = forged || !strncmp(paths->at[i], "bounces+", 8);
    }
    *ret_forged = forged;
    return fail(s, RC_DENIED, "not one of our return paths");
}

static enum rc judge(struct scope *s, struct db *db, const struct taking *taking, const char **ret)
{
    const struct bounce *bounce = taking->bounce;
    struct verp verp;
    const char *settled;
    bool forged = false;
    *ret = "ignored";
    if (!bounce->class)
        return RC_OK;
    SCOPE(inner);
    if (find_path(inner, taking, &verp, &forged) != RC_OK) {
        *ret = forged ? "forged" : "unknown";
        return RC_OK;
    }
    TRY(db_one(s, db, &inbound_bounce,
        PARAMS(P_INT(verp.broadcast), P_INT(verp.recipient), P_BOOL(verp.channel == 1),
            P_TEXT(bounce->class), P_TEXT(bounce->status), P_TEXT(bounce->diagnostic)),
        &settled));
    *ret = settled;
    return RC_OK;
}

static enum rc take(struct scope *s, struct db *db, void *arg)
{
    struct taking *taking = arg;
    TRY(judge(s, db, taking, &taking->result));
    return db_do(s, db, &inbound_tally,
        PARAMS(P_TEXT(bounce_kind_name[taking->bounce->kind]), P_TEXT(taking->result)), NULL);
}

enum rc inbound_take(struct scope *s, struct db *db, const struct sign *keys, const char *message,
    size_t len, const char *recipient, struct inbound *ret)
{
    struct bounce bounce;
    bounce_read(s, message, len, &bounce);
    struct taking taking = {.keys = keys, .bounce = &bounce, .recipient = recipient};
    TRY(db_txn(s, db, take, &taking));
    *ret = (struct inbound){.kind = bounce_kind_name[bounce.kind],
        .result = taking.result,
        .status = bounce.status,
        .diagnostic = bounce.diagnostic};
    return RC_OK;
}

SHAPE_EXTERN(struct mail_query, mail_query_shape, "MailQuery",
    FIELD(TEXT, recipient, .max = 400, .doc = "Envelope recipient; default: from the headers."));

enum rc hook_mail(struct call *c)
{
    const struct mail_query *query = c->query;
    struct inbound inbound;
    if (!c->request->len)
        return fail(c->s, RC_INVALID, "the message is empty");
    TRY(inbound_take(
        c->s, c->db, c->api->keys, c->request->body, c->request->len, query->recipient, &inbound));
    return reply_object(c, &inbound);
}
