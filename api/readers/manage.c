/* /manage: a form that sends a link to manage a subscription, with the same response for every
 * address. /manage/{token}: that link; a button exchanges it for a session of an hour. */
#include <string.h>

#include "api/http/language.h"
#include "api/readers/channel_options.h"
#include "api/call/page.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "api/call/session.h"
#include "api/readers/signup.h"
#include "core/clock.h"
#include "core/json.h"

STMT(session_add, "INSERT INTO reader_session (token_hash, subscriber_id)"
                  " SELECT $1::bytea, id FROM subscriber WHERE id = $2");

static enum rc show(struct call *c, const struct form *form, bool sent, bool wrong)
{
    json_t *context = json_own(c->s, json_object());
    const struct channel_options *options =
        channel_options_of(c->api->config, form_get(form, "channel"));
    json_object_set_new(context, "sent", json_boolean(sent));
    json_object_set_new(context, "wrong", json_pack("{s:b}", "address", (int)wrong));
    json_object_set_new(context, "incident", json_null());
    json_object_set_new(context, "value", json_string(form_text(form, "address", "")));
    channel_options_put(c->s, c->api->config, options, language_of(c->request, NULL)->tag, context);
    return page_reply(c, "manage", "manage", context, false);
}

enum rc page_manage(struct call *c)
{
    struct form form = {0};
    TRY(form_read(c, &form));
    return show(c, &form, false, false);
}

enum rc page_manage_post(struct call *c)
{
    struct form form = {0};
    struct address address;
    TRY(form_read(c, &form));
    enum rc rc = signup_address(c, &form, &address);
    if (rc == RC_INVALID && !strcmp(c->s->fault.field, "address")) {
        c->reply.status = 422;
        return show(c, &form, false, true);
    }
    TRY(rc);
    TRY(signup_keep(c, "manage", &address, json_own(c->s, json_object()), NULL));
    return show(c, &form, true, false);
}

static enum rc open_link(struct call *c, int64_t *ret_id)
{
    struct link_token link;
    SCOPE(s);
    if (sign_link_open(s, c->api->keys, SIGN_MANAGE, c->param[0], clock_now(), &link) != RC_OK)
        return refuse(c, 404, "This link is invalid or has expired.");
    *ret_id = link.id;
    return RC_OK;
}

enum rc page_manage_link(struct call *c)
{
    int64_t id = 0;
    TRY(open_link(c, &id));
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "action", json_string(c->request->target));
    return page_reply(c, "enter", "manage", context, true);
}

enum rc page_manage_enter(struct call *c)
{
    int64_t id = 0, n = 0;
    unsigned char hash[SIGN_HASH];
    const char *token = session_new_token(c->s);
    bool chosen;
    TRY(open_link(c, &id));
    session_hash(token, hash);
    TRY(db_do(c->s, c->db, &session_add, PARAMS(P_BYTES(hash, sizeof(hash)), P_INT(id)), &n));
    if (!n)
        return refuse(c, 404, "This link is invalid or has expired.");
    session_set(c, READER_SESSION, token, READER_SESSION_SECONDS);
    const char *tag = language_of(c->request, &chosen)->tag;
    return session_see_other(
        c, chosen ? scope_printf(c->s, "/preferences?lang=%s", tag) : "/preferences");
}
