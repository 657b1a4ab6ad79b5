/* /account: the link to the page of an account, by mail, for a contact who has none at hand.
 * Anybody may ask for any address: the answer is the same, and so is its time, because the request
 * is settled afterwards (amends.account_links_mail). /join/{token}: the invitation of a contact. */
#include "api/account/account.h"
#include "api/readers/link.h"
#include "api/account/visit.h"
#include "api/call/form.h"
#include "api/call/page.h"
#include "api/http/language.h"
#include "api/readers/channel_options.h"
#include "api/readers/signup.h"
#include "core/json.h"

STMT(account_join_it, "SELECT amends.account_join($1) AS id", .row = &row_int);
STMT(account_joined, "SELECT account_id AS id FROM account_contact WHERE id = $1", .row = &row_int);

static enum rc show(struct call *c, const struct form *form, bool sent)
{
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "sent", json_boolean(sent));
    json_object_set_new(context, "is_wrong", json_false());
    json_object_set_new(context, "value", json_string(form_text(form, "address", "")));
    struct channel_options email = channel_options_find("email");
    channel_options_put(c->s, c->api->config, &email, language_of(c->request, NULL)->tag, context);
    return page_reply(c, "account_ask", "account_page", context, false);
}

enum rc page_account_ask(struct call *c)
{
    struct form form = {0};
    return show(c, &form, false);
}

enum rc page_account_ask_post(struct call *c)
{
    return signup_send_link(c, "account_link", show);
}

enum rc page_account_join(struct call *c)
{
    struct link_token link;
    json_t *context = json_own(c->s, json_object());
    TRY(link_read(c, SIGN_JOIN, &link));
    json_object_set_new(context, "action", json_string(c->request->target));
    json_object_set_new(context, "joins", json_true());
    json_object_set_new(context, "incident", json_null());
    json_object_set_new(context, "login", json_null());
    return page_reply(c, "account_enter", "account_page", context, true);
}

enum rc page_account_join_post(struct call *c)
{
    struct link_token link;
    struct account_visit visit = {0};
    TRY(link_read(c, SIGN_JOIN, &link));
    TRY(db_one(c->s, c->db, &account_join_it, PARAMS(P_INT(link.extra)), &visit.contact));
    if (visit.contact == SHAPE_NONE)
        return link_none(c);
    TRY(db_one(c->s, c->db, &account_joined, PARAMS(P_INT(visit.contact)), &visit.account));
    visit.base = account_visit_path(c, visit.account, visit.contact, false);
    return account_visit_begin(c, &visit, visit.base);
}
