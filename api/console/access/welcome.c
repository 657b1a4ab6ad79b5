/* /staff/welcome/{token}: choosing a password by a link. It ends the person's sessions and other
 * links, and never stands for a second factor: with one, the person signs in afterwards. */
#include <string.h>

#include "api/call/session.h"
#include "api/console/access/access.h"
#include "api/access/password.h"
#include "api/access/staff.h"
#include "api/access/throttle.h"
#include "core/clock.h"
#include "core/json.h"

SHAPE_STATIC(struct invited, invited_shape, "StaffInvited", FIELD(TEXT, login), FIELD(BOOL, totp));

STMT(welcome_find,
    "SELECT login, totp_secret IS NOT NULL AS totp FROM amends.staff_invited($1, $2)",
    .row = &invited_shape);
STMT(welcome_take, "SELECT amends.staff_welcome($1, $2, $3, $4) AS id", .row = &row_int);

static enum rc ended(struct call *c)
{
    return refuse(c, 404, "This link has expired or was already used. Ask for a new one.");
}

static enum rc find(struct call *c, struct link_token *ret_link, struct invited *ret)
{
    SCOPE(inner);
    if (sign_link_open(inner, c->api->keys, SIGN_INVITATION, c->param[0], clock_now(), ret_link) !=
        RC_OK)
        return ended(c);
    return IF_NONE(db_one(c->s, c->db, &welcome_find,
                       PARAMS(P_INT(ret_link->id), P_INT(ret_link->extra)), ret),
        ended(c));
}

static enum rc show(struct call *c, const struct invited *person, bool wrong)
{
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "login", json_string(person->login));
    json_object_set_new(context, "totp", json_boolean(person->totp));
    json_object_set_new(
        context, "action", json_string(scope_printf(c->s, "/staff/welcome/%s", c->param[0])));
    console_title(context, person->login); /* browsers keep titles: not the token */
    if (wrong)
        console_put_error(c, context, "password", "password_rule");
    c->reply.status = wrong ? 422 : 200;
    return console_reply(c, "welcome", context);
}

enum rc console_welcome(struct call *c)
{
    struct link_token link;
    struct invited person = {0};
    TRY(find(c, &link, &person));
    return show(c, &person, false);
}

enum rc console_welcome_post(struct call *c)
{
    struct form *form = SCOPE_NEW(c->s, struct form); /* read again when the page is drawn */
    struct link_token link;
    struct invited person = {0};
    int64_t id;
    const char *password;
    TRY(session_check_origin(c));
    TRY(form_read(c, form));
    c->form = form;
    TRY(find(c, &link, &person));
    if (password_hash(c->s, form_text(form, "password", ""), &password) != RC_OK)
        return show(c, &person, true);
    TRY(db_one(c->s, c->db, &welcome_take,
        PARAMS(P_INT(link.id), P_INT(link.extra), P_TEXT(password), P_TEXT(console_locale(c))),
        &id));
    if (id == SHAPE_NONE)
        return ended(c);
    if (person.totp)
        return session_see_other(c, "/staff/login?chosen=1");
    TRY(staff_begin(c, id));
    throttle_know(c, person.login);
    return session_see_other(c, "/staff");
}
