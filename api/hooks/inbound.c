/* Returned mail; POST /hooks/mail accepts it from a remote mail server. */
#include "api/hooks/inbound.h"

#include <string.h>

#include "api/alerts/alert_mail.h"
#include "api/call/call.h"
#include "api/hooks/hooks.h"
#include "core/clock.h"
#include "core/mail/mailaddr.h"
#include "core/mail/verp.h"

const struct shape inbound_shape = SHAPE("InboundMail", struct inbound,
    FIELD(TEXT, kind, .required = true, .doc = "bounce, complaint, auto_reply, other, alert."),
    FIELD(TEXT, result, .required = true,
        .doc = "suppressed, counted (soft), noted (this message only), repeated, ignored, forged "
               "(the return path is not signed by us, or the token of an alert is wrong), expired, "
               "unknown, received (an alert)."),
    FIELD(TEXT, status, .doc = "RFC 3463."),
    FIELD(TEXT, diagnostic, .doc = "Text of the other side."));

STMT(inbound_bounce, "SELECT amends.bounce_take($1, $2, $3, $4, $5, $6) AS result",
    .row = &row_text);
STMT(inbound_tally, "INSERT INTO inbound_count AS c (kind, result, n) VALUES ($1, $2, 1)"
                    " ON CONFLICT (kind, result) DO UPDATE SET n = c.n + 1, last_at = now()");

/* Copies come back for a year (complaints); a page of hundreds of messages a day fits. */
STMT(inbound_recent,
    "SELECT b.id FROM broadcast b JOIN broadcast_kind k USING (kind)"
    " WHERE k.recipient = 'subscriber' AND b.created_at > now() - interval '1 year'"
    " ORDER BY b.id DESC LIMIT 20000",
    .row = &row_int);

STMT(inbound_addressee,
    "SELECT id FROM subscriber WHERE address_hash = $1::bytea AND channel = 'email'",
    .row = &row_int);

static enum rc tally(struct scope *s, struct db *db, const char *kind, const char *result)
{
    return db_do(s, db, &inbound_tally, PARAMS(P_TEXT(kind), P_TEXT(result)), NULL);
}

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

/* The subscriber of our link in a List-Unsubscribe header, "<https://.../TOKEN>, <mailto:...>". */
static enum rc open_unsubscribe(
    struct scope *s, const struct taking *taking, const char *header, int64_t *ret)
{
    static const char marks[] = " <>,/=";
    char *rest = NULL;
    struct link_token link;
    for (char *word = strtok_r(scope_strdup(s, header), marks, &rest); word;
         word = strtok_r(NULL, marks, &rest)) {
        SCOPE(inner);
        if (sign_link_open(inner, taking->keys, SIGN_UNSUBSCRIBE, word, clock_now(), &link) ==
            RC_OK) {
            *ret = link.id;
            return RC_OK;
        }
    }
    return fail(s, RC_DENIED, "no link of ours");
}

static bool is_message_id(
    const struct sign *keys, int64_t broadcast, int64_t recipient, const char *id)
{
    STRBUF(b, 100);
    id += *id == '<';
    sign_message_id(keys, broadcast, recipient, &b);
    return !strncmp(id, b.buf, b.len) && id[b.len] == '@';
}

/* The subscriber who has the address in the To header that we wrote. */
static enum rc find_addressee(
    struct scope *s, struct db *db, const struct taking *taking, const char *header, int64_t *ret)
{
    unsigned char hash[SIGN_HASH];
    char *name, *address;
    if (mailaddr_split_mailbox(s, header, &name, &address) != RC_OK)
        return fail(s, RC_DENIED, "no address of ours");
    sign_address_hash(taking->keys, "email", mailaddr_unique(s, address), hash);
    return IF_NONE(db_one(s, db, &inbound_addressee, PARAMS(P_BYTES(hash, sizeof hash)), ret),
        fail(s, RC_DENIED, "no address of ours"));
}

/* The returned copy: its unsubscribe link or its To header says who got it, and its Message-ID,
 * which is a keyed hash, proves that we sent this message to them. */
static enum rc find_copy(
    struct scope *s, struct db *db, const struct taking *taking, struct verp *ret)
{
    const struct bounce *bounce = taking->bounce;
    int64_t recipient;
    struct list rows;
    enum rc rc = open_unsubscribe(s, taking, bounce->list_unsubscribe, &recipient);
    TRY(rc == RC_DENIED ? find_addressee(s, db, taking, bounce->to, &recipient) : rc);
    TRY(db_all(s, db, &inbound_recent, NO_PARAMS, &rows));
    const int64_t *broadcasts = rows.at;
    for (size_t i = 0; i < rows.n; i++)
        if (is_message_id(taking->keys, broadcasts[i], recipient, bounce->message_id)) {
            *ret = (struct verp){.broadcast = broadcasts[i], .recipient = recipient};
            return RC_OK;
        }
    return fail(s, RC_DENIED, "no message of ours");
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
    enum rc rc = find_path(inner, taking, &verp, &forged);
    if (rc == RC_DENIED)
        rc = find_copy(s, db, taking, &verp);
    if (rc == RC_DENIED) {
        *ret = forged ? "forged" : "unknown";
        return RC_OK;
    }
    TRY(rc);
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
    return tally(s, db, bounce_kind_name[taking->bounce->kind], taking->result);
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

enum rc inbound_deliver(struct scope *s, struct db *db, const struct sign *keys,
    const char *public_url, const struct inbound_mail *mail, struct inbound *ret)
{
    if (!alert_mail_is(mail->recipient))
        return inbound_take(s, db, keys, mail->message, mail->len, mail->recipient, ret);
    *ret = (struct inbound){.kind = "alert"};
    TRY(alert_mail_take(
        s, db, keys, public_url, mail->recipient, mail->message, mail->len, &ret->result));
    return tally(s, db, ret->kind, ret->result);
}

enum rc hook_mail(struct call *c)
{
    const struct mail_query *query = c->query;
    struct inbound inbound;
    if (!c->request->len)
        return fail(c->s, RC_INVALID, "the message is empty");
    const struct inbound_mail mail = {
        .message = c->request->body, .len = c->request->len, .recipient = query->recipient};
    TRY(inbound_deliver(c->s, c->db, c->api->keys, c->api->public_url, &mail, &inbound));
    return reply_object(c, &inbound);
}
