/* /subscribe: a form that anyone may send for any address, on every channel. The response is the
 * same for every address; the request is processed afterwards (signup_settler.c). */
#include "api/call/page_origins.h"
#include "api/readers/signup.h"

#include <string.h>

#include "api/http/language.h"
#include "api/readers/channel_options.h"
#include "api/readers/push.h"
#include "api/call/page.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "api/readers/slack_install.h"
#include "core/json.h"

STMT(signup_incident, "SELECT title FROM amends.public_incident WHERE ref = $1", .row = &row_text);

static enum rc put_incident(struct call *c, const char *ref, json_t *context)
{
    const char *title = NULL;
    enum rc rc =
        ref ? db_one(c->s, c->db, &signup_incident, PARAMS(P_TEXT(ref)), &title) : RC_NOT_FOUND;
    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    json_object_set_new(context, "incident", rc == RC_OK ? json_string(ref) : json_null());
    json_object_set_new(context, "incident_title", title ? json_string(title) : json_null());
    return RC_OK;
}

static void put_what(json_t *context, const char *what)
{
    json_object_set_new(context, "what_some", json_boolean(!strcmp(what, "some")));
    json_object_set_new(context, "what_incident", json_boolean(!strcmp(what, "incident")));
}

static enum rc show(struct call *c, const struct form *form, bool sent)
{
    const struct config *config = c->api->config;
    const struct channel_options options = channel_options_of(config, form_get(form, "channel"));
    json_t *context = json_own(c->s, json_object());
    const char *incident = form_text(form, "incident", NULL);
    TRY(put_incident(c, incident, context));
    json_object_set_new(context, "is_wrong", json_false());
    put_what(context, reader_what(form));
    json_object_set_new(context, "sent", json_boolean(sent));
    json_object_set_new(context, "by_code", json_boolean(!strcmp(options.channel, "sms")));
    json_object_set_new(context, "value", json_string(form_text(form, "address", "")));
    json_object_set_new(context, "timezone", json_string(form_text(form, "timezone", "UTC")));
    json_object_set_new(context, "zone_open", json_boolean(!form_get(form, "timezone")));
    json_object_set_new(
        context, "statuspage", json_boolean(!strcmp(form_text(form, "format", ""), "statuspage")));
    json_object_set_new(
        context, "slack_install", json_boolean(slack_install_is_open(config, options.channel)));
    channel_options_put(c->s, config, &options, language_of(c->request, NULL)->tag, context);
    push_put(c, &options, "address_note", "push", context);
    reader_put_verbosity(context, reader_verbosity(form));
    TRY(reader_catalogue(c, 0, reader_chosen(c->s, form), context));
    return page_reply(c, "subscribe", "subscribe", context, false);
}

enum rc signup_show_sent(struct call *c, const struct form *form)
{
    return show(c, form, true);
}

enum rc page_subscribe(struct call *c)
{
    struct form form = {0};
    TRY(form_read(c, &form));
    return show(c, &form, false);
}

/* An error in a field is shown beside it; anything else is a failure of the request. */
static enum rc mend(struct call *c, const struct form *form, enum rc rc, signup_show_fn *shown)
{
    const char *field = c->s->fault.field;
    if (rc != RC_INVALID || c->refusal || !field || !strcmp(field, "channel"))
        return rc;
    struct reader_errors errors = reader_errors(c, form);
    c->reply.status = 422;
    TRY(shown(c, form, false));
    reader_mark(c, form, errors);
    return RC_OK;
}

enum rc signup_send_link(struct call *c, const char *kind, signup_show_fn *shown)
{
    struct form form = {0};
    struct address address;
    TRY(form_read(c, &form));
    enum rc rc = signup_address(c, &form, &address);
    if (rc == RC_OK)
        rc = signup_keep(c, kind, &address, json_own(c->s, json_object()), NULL);
    return rc == RC_OK ? shown(c, &form, true) : mend(c, &form, rc, shown);
}

enum rc page_subscribe_post(struct call *c)
{
    struct form form = {0};
    struct address address;
    json_t *wish = NULL;
    TRY(form_read(c, &form));
    if (!strcmp(form_text(&form, "do", ""), "slack"))
        return slack_install_begin(c, &form);
    fail_gather(c->s, true);
    enum rc rc = signup_address(c, &form, &address);
    enum rc wished = rc == RC_OK || rc == RC_INVALID ? signup_wish(c, &form, &wish) : rc;
    fail_gather(c->s, false);
    rc = rc == RC_OK ? wished : rc;
    if (rc == RC_OK)
        rc = signup_keep(c, "subscribe", &address, wish, NULL);
    return rc == RC_OK ? signup_show_sent(c, &form) : mend(c, &form, rc, show);
}

/* The part of the form with the error of an address: whether it is well-formed, never whether it is
 * subscribed. */
enum rc page_subscribe_check(struct call *c)
{
    struct form form = {0};
    struct address address;
    TRY(form_read(c, &form));
    const struct channel_options options =
        channel_options_of(c->api->config, form_get(&form, "channel"));
    bool empty = !*form_text(&form, "address", "");
    enum rc rc = empty ? RC_OK : signup_address(c, &form, &address);
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "is_wrong", json_boolean(rc != RC_OK));
    json_object_set_new(context, "value", json_string(form_text(&form, "address", "")));
    channel_options_put(
        c->s, c->api->config, &options, language_of(c->request, NULL)->tag, context);
    return page_reply(c, "address", "subscribe", context, false);
}
