/* Pages behind links in messages: /u/{token}, /confirm/{token}. GET changes nothing, because mail
 * scanners fetch every link; POST acts, and is safe to repeat. */
#include <string.h>

#include "api/readers/link.h"
#include "api/call/page.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "api/subscribers/subscriber.h"
#include "core/clock.h"
#include "core/json.h"

/* from: the subscriber that moves to this address, if any. A completed move leads to the subscriber
 * that existed before. */
SHAPE_STATIC(struct confirmed, confirmed_shape, "LinkConfirmed", FIELD(INT, id), FIELD(INT, from));

STMT(link_confirm,
    "WITH confirmed AS (UPDATE subscriber SET state = 'active', state_reason = NULL,"
    "     changed_at = now() WHERE id = $1 AND state = 'pending' RETURNING id, address_hash)"
    " INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " SELECT id, address_hash, 'confirmed', '" READER_WORDING "', 'page', $2 FROM confirmed");
STMT(link_confirmed,
    "SELECT CASE WHEN m.done_at IS NULL THEN $1 ELSE m.subscriber_id END AS id,"
    "   CASE WHEN m.done_at IS NULL THEN m.subscriber_id END AS \"from\""
    "  FROM (SELECT) AS one LEFT JOIN move m ON m.pending_id = $1",
    .row = &confirmed_shape);

enum rc link_none(struct call *c)
{
    c->link_is_dead = true;
    return refuse(c, 404, "This link is invalid or has expired.");
}

enum rc link_read(struct call *c, enum sign_purpose purpose, struct link_token *ret)
{
    SCOPE(s);
    *ret = (struct link_token){0};
    if (sign_link_open(s, c->api->keys, purpose, c->param[0], clock_now(), ret) != RC_OK)
        return link_none(c);
    return RC_OK;
}

enum rc link_open(struct call *c, enum sign_purpose purpose, int64_t *ret_id)
{
    struct link_token link;
    TRY(link_read(c, purpose, &link));
    *ret_id = link.id;
    return RC_OK;
}

/* "a...@example.com": enough for its owner to recognise it. */
const char *link_hint(struct scope *s, const struct subscriber *subscriber)
{
    const char *at = strrchr(subscriber->address, '@');
    if (!strcmp(subscriber->channel, "email") && at)
        return scope_printf(s, "%.1s...%s", subscriber->address, at);
    size_t len = strlen(subscriber->address);
    if (!strcmp(subscriber->channel, "sms") && len > 4)
        return scope_printf(s, "%.3s...%s", subscriber->address, subscriber->address + len - 2);
    return subscriber->address;
}

static enum rc read_linked(struct call *c, int64_t id, struct subscriber *ret)
{
    return IF_NONE(subscriber_read(c->s, c->db, id, ret), link_none(c));
}

static enum rc show_confirm(struct call *c, int64_t id)
{
    struct subscriber row, from;
    struct confirmed confirmed;
    TRY(db_one(c->s, c->db, &link_confirmed, PARAMS(P_INT(id)), &confirmed));
    TRY(read_linked(c, confirmed.id, &row));
    bool moving = confirmed.from != SHAPE_NONE;
    if (moving)
        TRY(read_linked(c, confirmed.from, &from));
    bool done = !strcmp(row.state, "active") || !strcmp(row.state, "paused");
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "address", json_string(link_hint(c->s, &row)));
    json_object_set_new(
        context, "from", moving ? json_string(link_hint(c->s, &from)) : json_null());
    json_object_set_new(context, "done", json_boolean(done));
    json_object_set_new(context, "pending", json_boolean(!strcmp(row.state, "pending")));
    json_object_set_new(context, "action", json_string(scope_strdup(c->s, c->request->target)));
    return page_reply(c, "confirm", "confirm_title", context, true);
}

enum rc page_confirm(struct call *c)
{
    int64_t id = 0;
    TRY(link_open(c, SIGN_CONFIRM, &id));
    return show_confirm(c, id);
}

enum rc link_confirm_it(struct call *c, int64_t id, const char *by)
{
    TRY(db_do(c->s, c->db, &link_confirm, PARAMS(P_INT(id), P_TEXT(by)), NULL));
    return show_confirm(c, id);
}

enum rc page_confirm_post(struct call *c)
{
    int64_t id = 0;
    TRY(link_open(c, SIGN_CONFIRM, &id));
    return link_confirm_it(c, id, "link");
}
