/* /staff/login/forgot: a link to choose a new password, by mail. Anybody may ask for anybody: the
 * answer is the same, and so is its time, because the request is settled afterwards
 * (amends.staff_forgot). The link ends nothing until it is used (welcome.c). */
#include <string.h>

#include "api/call/session.h"
#include "api/console/access/access.h"
#include "api/readers/signup.h"
#include "core/json.h"

enum { TYPED_MAX = 254 };

static enum rc show(struct call *c, bool sent)
{
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "sent", json_boolean(sent));
    return console_reply(c, "forgot", context);
}

enum rc console_forgot(struct call *c)
{
    return show(c, false);
}

enum rc console_forgot_post(struct call *c)
{
    struct form form;
    struct address nobody = {.channel = "email"};
    json_t *asked = json_own(c->s, json_object());
    TRY(session_check_origin(c));
    TRY(form_read(c, &form));
    const char *typed = form_text(&form, "login", "");
    if (strlen(typed) > TYPED_MAX)
        return refuse(c, 422, "This is no login and no e-mail address.");
    sign_address_hash(c->api->keys, "login", typed, nobody.hash);
    json_object_set_new(asked, "login", json_string(typed));
    TRY(signup_keep(c, "password", &nobody, asked, NULL));
    return show(c, true);
}
