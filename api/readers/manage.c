/* /manage: a form that sends a link to manage a subscription, with the same response for every
 * address. /manage/{token}: that link; a button exchanges it for a session of an hour. */
#include "api/http/language.h"
#include "api/readers/link.h"
#include "api/readers/channel_options.h"
#include "api/readers/push.h"
#include "api/call/page.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "api/call/session.h"
#include "api/readers/signup.h"
#include "core/json.h"

/* A link works once: those used are kept until they expire. */
STMT(manage_link_is_used,
    "SELECT EXISTS (SELECT FROM reader_link_used WHERE token_hash = $1::bytea)", .row = &row_bool);
STMT(manage_link_use, "INSERT INTO reader_link_used (token_hash, expires_at) VALUES ($1::bytea, $2)"
                      " ON CONFLICT DO NOTHING");
/* A second click in the browser that has used the link. */
STMT(manage_session_of,
    "SELECT EXISTS (SELECT FROM reader_session WHERE token_hash = $1::bytea"
    "   AND subscriber_id = $2 AND expires_at > now())",
    .row = &row_bool);
STMT(session_add, "INSERT INTO reader_session (token_hash, subscriber_id)"
                  " SELECT $1::bytea, id FROM subscriber WHERE id = $2");

static enum rc show(struct call *c, const struct form *form, bool sent)
{
    json_t *context = json_own(c->s, json_object());
    const struct channel_options options =
        channel_options_of(c->api->config, form_get(form, "channel"));
    json_object_set_new(context, "sent", json_boolean(sent));
    json_object_set_new(context, "is_wrong", json_false());
    json_object_set_new(context, "incident", json_null());
    json_object_set_new(context, "value", json_string(form_text(form, "address", "")));
    channel_options_put(
        c->s, c->api->config, &options, language_of(c->request, NULL)->tag, context);
    push_put(c, &options, "page", "push_not_here", context);
    return page_reply(c, "manage", "manage", context, false);
}

enum rc page_manage(struct call *c)
{
    struct form form = {0};
    TRY(form_read(c, &form));
    return show(c, &form, false);
}

enum rc page_manage_post(struct call *c)
{
    return signup_send_link(c, "manage", show);
}

static enum rc go_on(struct call *c)
{
    bool chosen;
    const char *tag = language_of(c->request, &chosen)->tag;
    return session_see_other(
        c, chosen ? scope_printf(c->s, "/preferences?lang=%s", tag) : "/preferences");
}

static enum rc used(struct call *c, const struct link_token *link)
{
    unsigned char hash[SIGN_HASH];
    bool own = false;
    session_hash(session_token(c, READER_SESSION), hash);
    TRY(db_one(c->s, c->db, &manage_session_of,
        PARAMS(P_BYTES(hash, sizeof(hash)), P_INT(link->id)), &own));
    if (own)
        return go_on(c);
    c->link_is_dead = true;
    return refuse(
        c, 404, "This link was already used. Ask for a new one at %s/manage.", c->api->public_url);
}

enum rc page_manage_link(struct call *c)
{
    struct link_token link;
    unsigned char hash[SIGN_HASH];
    bool was_used;
    TRY(link_read(c, SIGN_MANAGE, &link));
    session_hash(c->param[0], hash);
    TRY(db_one(c->s, c->db, &manage_link_is_used, PARAMS(P_BYTES(hash, sizeof(hash))), &was_used));
    if (was_used)
        return used(c, &link);
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "action", json_string(c->request->target));
    return page_reply(c, "enter", "manage", context, true);
}

struct entering {
    const struct call *c;
    struct link_token link;
    const char *token; /* of the new session */
    bool was_used, gone;
};

static enum rc begin_session(struct scope *s, struct db *db, void *arg)
{
    struct entering *entering = arg;
    unsigned char link[SIGN_HASH], session[SIGN_HASH];
    int64_t n;
    session_hash(entering->c->param[0], link);
    session_hash(entering->token, session);
    TRY(db_do(s, db, &manage_link_use,
        PARAMS(P_BYTES(link, sizeof(link)), P_TIME(entering->link.expires)), &n));
    entering->was_used = !n;
    if (!n)
        return RC_OK;
    TRY(db_do(s, db, &session_add,
        PARAMS(P_BYTES(session, sizeof(session)), P_INT(entering->link.id)), &n));
    entering->gone = !n;
    return RC_OK;
}

enum rc page_manage_enter(struct call *c)
{
    struct entering entering = {.c = c, .token = session_new_token(c->s)};
    TRY(link_read(c, SIGN_MANAGE, &entering.link));
    TRY(db_txn(c->s, c->db, begin_session, &entering));
    if (entering.was_used)
        return used(c, &entering.link);
    if (entering.gone)
        return link_none(c);
    session_set(c, READER_SESSION, entering.token, READER_SESSION_SECONDS);
    return go_on(c);
}
