/* /a/{token}/contacts: the contacts of the account and its channels. A contact invites another, who
 * confirms by mail; a channel is added as the form of /subscribe adds it. */
#include <stdlib.h>
#include <string.h>

#include "api/account/account.h"
#include "api/account/visit.h"
#include "api/call/form.h"
#include "api/call/page.h"
#include "api/http/language.h"
#include "api/readers/channel_options.h"
#include "api/readers/preferences.h"
#include "api/readers/reader.h"
#include "api/readers/report_mail.h"
#include "api/readers/signup.h"
#include "api/subscribers/subscriber.h"
#include "core/json.h"
#include "templates/label.h"
#include "templates/translation.h"

enum { NAME_MAX_CHARS = 200 };

SHAPE_STATIC(struct contact_row, contact_row_shape, "AccountContactRow", FIELD(INT, id),
    FIELD(TEXT, email), FIELD(TEXT, name), FIELD(TEXT, locale), FIELD(BOOL, me),
    FIELD(BOOL, invited));
STMT(account_contacts,
    "SELECT id, email, name, locale, id IS NOT DISTINCT FROM $2 AS me, false AS invited"
    " FROM account_contact WHERE account_id = $1 UNION ALL"
    " SELECT id, email, name, locale, false, true FROM account_invitation"
    " WHERE account_id = $1 AND expires_at > now() UNION ALL"
    " SELECT 0, form->>'email', nullif(form->>'name', ''), form->>'locale', false, true"
    " FROM amends.account_asked($1, 'account_invite')"
    " ORDER BY invited, me DESC, name, email LIMIT 300",
    .row = &contact_row_shape);
SHAPE_STATIC(struct channel_row, channel_row_shape, "AccountChannelRow", FIELD(INT, id),
    FIELD(TEXT, channel), FIELD(TEXT, address), FIELD(TEXT, state), FIELD(RAW, topics));
STMT(account_channels_of,
    "SELECT id, channel, address, state, topics FROM amends.account_channels($1) UNION ALL"
    " SELECT 0, channel::text, form->>'address', 'pending', NULL"
    " FROM amends.account_asked($1, 'subscribe')",
    .row = &channel_row_shape);
STMT(account_contact_remove_it, "SELECT amends.account_contact_remove($1, $2) AS word",
    .row = &row_text);
STMT(account_withdraw, "DELETE FROM account_invitation WHERE id = $2 AND account_id = $1");
STMT(account_channel,
    "SELECT id FROM subscriber WHERE id = $2 AND account_id = $1"
    "   AND state IN ('active', 'paused', 'pending')",
    .row = &row_int);

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static enum rc put_contacts(struct call *c, const struct account_visit *visit, json_t *context)
{
    struct list rows;
    json_t *list = json_array();
    json_object_set_new(context, "contacts", list);
    TRY(db_all(c->s, c->db, &account_contacts, PARAMS(P_INT(visit->account), P_INT(visit->contact)),
        &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct contact_row *row = (const struct contact_row *)rows.at + i;
        struct link_token me = {.id = row->id};
        json_t *json = json_object();
        json_object_set_new(json, "id", json_integer(row->id));
        put(json, "email", row->email);
        put(json, "name", row->name);
        put(json, "locale", row->locale);
        put(json, "report", row->me ? report_mail_path(c->s, c->api->keys, me) : NULL);
        json_object_set_new(json, "me", json_boolean(row->me));
        json_object_set_new(json, "invited", json_boolean(row->invited));
        json_object_set_new(json, "sending", json_boolean(!row->id));
        json_array_append_new(list, json);
    }
    return RC_OK;
}

static enum rc topics_of(
    struct call *c, const struct channel_row *row, const char *locale, json_t **ret)
{
    json_t *all, *one;
    size_t i;
    *ret = json_array();
    if (!row->topics)
        return RC_OK;
    TRY(json_parse(c->s, row->topics, strlen(row->topics), &all));
    json_array_foreach(all, i, one)
    {
        const char *name = json_get_text(one, "name");
        json_array_append_new(*ret,
            json_string(translation_of(c->s, json_get_text(one, "in"), locale, "name", name).text));
    }
    return RC_OK;
}

static enum rc put_channels(
    struct call *c, const struct account_visit *visit, const char *locale, json_t *context)
{
    struct list rows;
    json_t *list = json_array(), *topics;
    json_object_set_new(context, "subscribed", list);
    TRY(db_all(c->s, c->db, &account_channels_of, PARAMS(P_INT(visit->account)), &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct channel_row *row = (const struct channel_row *)rows.at + i;
        json_t *json = json_object();
        json_array_append_new(list, json);
        TRY(topics_of(c, row, locale, &topics));
        json_object_set_new(json, "topics", topics);
        json_object_set_new(json, "id", json_integer(row->id));
        put(json, "channel", label_text(c->s, locale, "channel", row->channel));
        put(json, "address", row->address);
        json_object_set_new(json, "sending", json_boolean(!row->id));
        json_object_set_new(
            json, "pending", json_boolean(row->id && !strcmp(row->state, "pending")));
        json_object_set_new(json, "paused", json_boolean(!strcmp(row->state, "paused")));
    }
    return RC_OK;
}

/* done: the action that was taken, or NULL. */
static enum rc show(
    struct call *c, const struct account_visit *visit, const struct form *form, const char *done)
{
    static const char *const acts[] = {"invite", "subscribe", "last", "removed", NULL};
    const char *locale = language_of(c->request, NULL)->tag;
    json_t *context = json_own(c->s, json_object());
    for (size_t i = 0; acts[i]; i++)
        json_object_set_new(context, scope_printf(c->s, "done_%s", acts[i]),
            json_boolean(done && !strcmp(done, acts[i])));
    TRY(put_contacts(c, visit, context));
    TRY(put_channels(c, visit, locale, context));
    struct channel_options options = channel_options_of(c->api->config, form_get(form, "channel"));
    if (!strcmp(options.channel, "push")) /* a browser subscribes itself */
        options = channel_options_find("email");
    channel_options_put(c->s, c->api->config, &options, locale, context);
    json_object_set_new(context, "incident", json_null());
    json_object_set_new(context, "is_wrong", json_false());
    put(context, "value", done ? "" : form_text(form, "address", ""));
    put(context, "typed_email", done ? "" : form_text(form, "email", ""));
    put(context, "typed_name", done ? "" : form_text(form, "name", ""));
    account_visit_put(visit, "contacts", context);
    return page_reply(c, "account_contacts", "account_contacts", context, true);
}

enum rc page_account_contacts(struct call *c)
{
    struct account_visit visit;
    struct form form = {0};
    bool entered;
    TRY(account_visit(c, &visit, &entered));
    if (!entered)
        return RC_OK;
    TRY(form_read(c, &form));
    return show(c, &visit, &form, NULL);
}

/* The address, under the name of its field. */
static enum rc invite(struct call *c, const struct account_visit *visit, const struct form *form)
{
    struct address address;
    const char *name = form_text(form, "name", "");
    json_t *asked = json_own(c->s, json_object());
    enum rc rc = address_check(c->s, c->api, "email", form_text(form, "email", ""), &address);
    if (rc == RC_INVALID)
        return fail_field(c->s, RC_INVALID, "email", "is no e-mail address");
    TRY(rc);
    if (strlen(name) > NAME_MAX_CHARS)
        return fail_field(c->s, RC_INVALID, "name", "is too long");
    json_object_set_new(asked, "account", json_integer(visit->account));
    put(asked, "email", address.normal);
    put(asked, "name", name);
    put(asked, "locale", language_of(c->request, NULL)->tag);
    return signup_keep(c, "account_invite", &address, asked, NULL);
}

static enum rc subscribe(struct call *c, const struct account_visit *visit, const struct form *form)
{
    struct address address;
    json_t *wish;
    TRY(signup_address(c, form, &address));
    if (!strcmp(address.channel, "push"))
        return fail_field(c->s, RC_INVALID, "channel", "a browser subscribes itself");
    TRY(signup_wish(c, form, &wish));
    json_object_set_new(wish, "account", json_integer(visit->account));
    put(wish, "timezone", visit->timezone);
    return signup_keep(c, "subscribe", &address, wish, NULL);
}

static enum rc remove_contact(
    struct call *c, const struct account_visit *visit, int64_t id, const char **ret_done)
{
    const char *word;
    TRY(db_one(
        c->s, c->db, &account_contact_remove_it, PARAMS(P_INT(visit->account), P_INT(id)), &word));
    if (!strcmp(word, "none"))
        return refuse(c, 404, "The account has no such contact.");
    *ret_done = word;
    return RC_OK;
}

/* The subscriber id, if it is one of the account's channels. */
static enum rc own_channel(struct call *c, const struct account_visit *visit, int64_t id)
{
    int64_t found;
    return IF_NONE(
        db_one(c->s, c->db, &account_channel, PARAMS(P_INT(visit->account), P_INT(id)), &found),
        refuse(c, 404, "The account has no such channel."));
}

static enum rc act(struct call *c, const struct account_visit *visit, const struct form *form,
    const char **ret_done)
{
    const char *what = form_text(form, "do", "");
    int64_t id = strtoll(form_text(form, "id", "0"), NULL, 10);
    bool ended;
    *ret_done = what;
    if (!strcmp(what, "invite"))
        return invite(c, visit, form);
    if (!strcmp(what, "subscribe"))
        return subscribe(c, visit, form);
    if (!strcmp(what, "remove"))
        return remove_contact(c, visit, id, ret_done);
    if (!strcmp(what, "withdraw"))
        return db_do(
            c->s, c->db, &account_withdraw, PARAMS(P_INT(visit->account), P_INT(id)), NULL);
    if (strcmp(what, "unsubscribe") != 0)
        return refuse(c, 422, "This form requests an unknown action.");
    TRY(own_channel(c, visit, id));
    return subscriber_end(c->s, c->db, id, "page", "link", &ended);
}

enum rc page_account_contacts_post(struct call *c)
{
    struct account_visit visit;
    struct form form = {0};
    const char *done;
    bool entered;
    TRY(account_visit(c, &visit, &entered));
    if (!entered)
        return RC_OK;
    TRY(form_read(c, &form));
    enum rc rc = act(c, &visit, &form, &done);
    if (rc == RC_INVALID && c->s->fault.field && !c->refusal) {
        struct reader_errors errors = reader_errors(c, &form);
        c->reply.status = 422;
        TRY(show(c, &visit, &form, NULL));
        reader_mark(c, &form, errors);
        return RC_OK;
    }
    TRY(rc);
    return show(c, &visit, &form, done);
}

/* /a/{token}/channels/{id}: the preferences of one of its channels. */
static enum rc open_channel(struct call *c, struct preferences *ret, bool *ret_entered)
{
    struct account_visit visit;
    TRY(account_visit(c, &visit, ret_entered));
    if (!*ret_entered)
        return RC_OK;
    TRY(call_id(c, 1, &ret->id));
    TRY(own_channel(c, &visit, ret->id));
    ret->link = scope_printf(c->s, "%s/channels/%lld", visit.base, (long long)ret->id);
    ret->context = json_own(c->s, json_object());
    account_visit_put(&visit, "contacts", ret->context);
    return RC_OK;
}

enum rc page_account_channel(struct call *c)
{
    struct preferences p = {0};
    bool entered;
    TRY(open_channel(c, &p, &entered));
    return entered ? preferences_show(c, &p) : RC_OK;
}

enum rc page_account_channel_post(struct call *c)
{
    struct preferences p = {0};
    bool entered;
    TRY(open_channel(c, &p, &entered));
    return entered ? preferences_save(c, &p) : RC_OK;
}
