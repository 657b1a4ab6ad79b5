/* POST /subscribe/code: the digits of an SMS, entered instead of opening its link. The response is
 * the same for every error and every number; attempts are counted per number and per client. */
#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "api/call/form.h"
#include "api/readers/link.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "api/readers/signup.h"

/* In 15 minutes, the lifetime of a code. */
enum { TRIES = 5, TRIES_PER_PEER = 30, CODE_MAX = 32 };

SHAPE_STATIC(struct code_tries, code_tries_shape, "CodeTries", FIELD(INT, n),
    FIELD(INT, subscriber), FIELD(INT, broadcast));

/* Counts an attempt under a hash, and finds the subscriber waiting for a code. */
STMT(code_try,
    "WITH tried AS (INSERT INTO code_try (hash) VALUES ($1::bytea)"
    "   ON CONFLICT (hash) DO UPDATE SET"
    "     n = CASE WHEN code_try.since < now() - interval '15 minutes' THEN 1"
    "       ELSE code_try.n + 1 END,"
    "     since = CASE WHEN code_try.since < now() - interval '15 minutes' THEN now()"
    "       ELSE code_try.since END RETURNING n)"
    " SELECT t.n, b.subscriber, b.broadcast FROM tried t LEFT JOIN LATERAL ("
    "   SELECT s.id AS subscriber, l.id AS broadcast"
    "     FROM subscriber s JOIN broadcast l ON l.subscriber_id = s.id AND l.kind = 'confirmation'"
    "    WHERE s.channel = 'sms' AND s.address_hash = $1::bytea AND s.state = 'pending'"
    "      AND l.created_at > now() - interval '15 minutes' ORDER BY l.id DESC LIMIT 1) b ON true",
    .row = &code_tries_shape);

static enum rc count_try(
    struct call *c, const unsigned char hash[SIGN_HASH], struct code_tries *ret)
{
    return db_one(c->s, c->db, &code_try, PARAMS(P_BYTES(hash, SIGN_HASH)), ret);
}

/* In the notation people type: "123 456". */
static const char *digits(struct scope *s, const char *text)
{
    char *out = scope_strdup(s, text), *end = out;
    for (; *text; text++)
        if (!isspace((unsigned char)*text) && *text != '-')
            *end++ = *text;
    *end = '\0';
    return out;
}

static bool is_right(struct call *c, const struct code_tries *tries, const char *typed)
{
    STRBUF(code, CODE_MAX);
    sign_code(c->api->keys, tries->broadcast, tries->subscriber, &code);
    const char *given = digits(c->s, typed);
    bool same = strlen(given) == code.len && !sodium_memcmp(given, code.buf, code.len);
    return same && tries->subscriber != SHAPE_NONE && tries->n <= TRIES;
}

enum rc page_subscribe_code(struct call *c)
{
    struct form form = {0};
    struct address address;
    struct code_tries tries = {0};
    unsigned char peer[SIGN_HASH];
    TRY(form_read(c, &form));
    TRY(signup_address(c, &form, &address));
    sign_address_hash(c->api->keys, "peer", c->request->network ? c->request->network : "", peer);
    TRY(count_try(c, peer, &tries));
    if (tries.n > TRIES_PER_PEER)
        return refuse(c, 429, "Too many requests from your network. Try again in an hour.");
    TRY(count_try(c, address.hash, &tries));
    if (is_right(c, &tries, form_get(&form, "code") ? form_get(&form, "code") : ""))
        return link_confirm_it(c, tries.subscriber, "code");
    c->reply.status = 422;
    scope_fail(c->s, RC_INVALID, "code", "is wrong or has expired");
    struct reader_errors errors = reader_errors(c, &form);
    TRY(signup_show_sent(c, &form));
    reader_mark(c, &form, errors);
    return RC_OK;
}
