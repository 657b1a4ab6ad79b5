/* /p/{token}, the link in messages: change and pause. /preferences: change, pause, move, download,
 * unsubscribe, erase. Each change requires the session's cookie, its CSRF token, and our Origin
 * (session.h). */
#include "api/readers/preferences.h"

#include <string.h>

#include "api/http/language.h"
#include "api/readers/channel_options.h"
#include "api/readers/link.h"
#include "api/call/page.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "api/call/session.h"
#include "api/subscribers/subscriber.h"
#include "core/json.h"
#include "templates/label.h"

/* until: the first day with messages again. muted: [{"choice": "component:slug", "name"}]. */
SHAPE_STATIC(struct standing, standing_shape, "ReaderStanding", FIELD(TEXT, until),
    FIELD(RAW, muted), FIELD(BOOL, moving));

STMT(session_find,
    "SELECT subscriber_id AS id FROM reader_session"
    " WHERE token_hash = $1::bytea AND expires_at > now()",
    .row = &row_int);
STMT(session_drop, "DELETE FROM reader_session WHERE token_hash = $1::bytea");
STMT(reader_standing,
    "SELECT (s.paused_until AT TIME ZONE s.timezone)::date::text AS until,"
    "   EXISTS (SELECT FROM move m WHERE m.subscriber_id = s.id AND m.done_at IS NULL) AS moving,"
    "   (SELECT coalesce(json_agg(json_build_object('choice', m.kind || ':' || t.slug, 'name',"
    "       t.name) ORDER BY m.at), '[]') FROM mute m JOIN (SELECT 'incident' AS kind, id,"
    "       ref AS slug, title AS name FROM incident UNION ALL SELECT 'component', id, slug, name"
    "       FROM component) t ON t.kind = m.kind AND t.id = m.target_id"
    "     WHERE m.subscriber_id = s.id) AS muted"
    "  FROM subscriber s WHERE s.id = $1",
    .row = &standing_shape);
STMT(reader_held, "SELECT amends.reader_record($1) AS text", .row = &row_text);
STMT(reader_forget, "SELECT amends.reader_erase($1, '" READER_WORDING "')");

static enum rc find_session(struct call *c, struct preferences *ret)
{
    unsigned char hash[SIGN_HASH];
    ret->token = session_token(c, READER_SESSION);
    session_hash(ret->token, hash);
    return IF_NONE(
        db_one(c->s, c->db, &session_find, PARAMS(P_BYTES(hash, sizeof(hash))), &ret->id),
        refuse(c, 403, "This session has expired. Request a new link."));
}

static void put_locales(json_t *context, const char *locale)
{
    json_t *list = json_array();
    for (const struct language *l = languages; l->tag; l++) {
        json_t *json = json_object();
        json_object_set_new(json, "tag", json_string(l->tag));
        json_object_set_new(json, "name", json_string(l->name));
        bool mine = !strncmp(locale, l->tag, strlen(l->tag));
        json_object_set_new(json, "selected", json_boolean(mine));
        json_array_append_new(list, json);
    }
    json_object_set_new(context, "locales", list);
}

static enum rc put_standing(struct call *c, int64_t id, json_t *context)
{
    struct standing standing;
    json_t *muted = NULL;
    TRY(db_one(c->s, c->db, &reader_standing, PARAMS(P_INT(id)), &standing));
    TRY(json_parse(c->s, standing.muted, strlen(standing.muted), &muted));
    json_object_set_new(
        context, "until", standing.until ? json_string(standing.until) : json_null());
    json_object_set_new(context, "moving", json_boolean(standing.moving));
    json_object_set(context, "mutes", muted);
    return RC_OK;
}

/* A Slack bot's channel and a browser cannot be moved, since their secret belongs to them. */
static enum rc put_endpoint(
    struct call *c, const struct preferences *p, const struct subscriber *row, json_t *context)
{
    const char *secret = NULL;
    bool webhook = !strcmp(row->channel, "webhook");
    if (webhook && !p->link)
        TRY(subscriber_secret_shown(c->s, c->db, c->api, row->id, &secret));
    json_object_set_new(context, "secret", secret ? json_string(secret) : json_null());
    json_object_set_new(context, "statuspage",
        json_boolean(webhook && row->format && !strcmp(row->format, "statuspage")));
    bool bound = !strncmp(row->address, "slack://", 8) || !strcmp(row->channel, "push");
    json_object_set_new(context, "movable", json_boolean(!p->link && !bound));
    return RC_OK;
}

/* The same token unsubscribes. */
static const char *leave_path(struct call *c)
{
    return scope_printf(c->s, "/u/%s", c->param[0]);
}

/* form: a submitted form with an invalid field, or NULL. */
static enum rc show(struct call *c, const struct preferences *p, const struct form *form)
{
    struct subscriber row;
    TRY(subscriber_read(c->s, c->db, p->id, &row));
    const char *locale = language_of(c->request, NULL)->tag;
    bool saving = form && !strcmp(form_text(form, "do", "save"), "save");
    json_t *context = p->context ? p->context : json_own(c->s, json_object());
    if (!p->context)
        json_object_set_new(context, "visit", json_null());
    const char *to = !strcmp(row.channel, "push") ? label_text(c->s, locale, "channel", "push")
                     : p->link && !p->context     ? link_hint(c->s, &row)
                                                  : row.address;
    json_object_set_new(context, "to", json_string(to));
    json_object_set_new(context, "action", json_string(p->link ? p->link : "/preferences"));
    json_object_set_new(
        context, "unsubscribe", p->link && !p->context ? json_string(leave_path(c)) : json_null());
    json_object_set_new(context, "value", json_string(form ? form_text(form, "address", "") : ""));
    json_object_set_new(
        context, "timezone", json_string(saving ? form_text(form, "timezone", "") : row.timezone));
    json_object_set_new(context, "done",
        p->done ? json_string(label_text(c->s, locale, "page", p->done)) : json_null());
    json_object_set_new(context, "paused", json_boolean(!strcmp(row.state, "paused")));
    json_object_set_new(context, "csrf", json_string(p->link ? "" : session_csrf(c, p->token)));
    json_object_set_new(context, "is_wrong", json_false());
    put_locales(context, saving ? form_text(form, "locale", row.locale) : row.locale);
    TRY(put_standing(c, p->id, context));
    const struct channel_options options = channel_options_of(c->api->config, row.channel);
    channel_options_put(c->s, c->api->config, &options, locale, context);
    TRY(put_endpoint(c, p, &row, context));
    reader_put_verbosity(context, saving ? reader_verbosity(form) : row.verbosity);
    TRY(reader_catalogue(c, p->id, saving ? reader_chosen(c->s, form) : NULL, context));
    json_object_set_new(context, "what_some",
        json_boolean(saving ? !strcmp(reader_what(form), "some")
                            : json_is_false(json_object_get(context, "all"))));
    return page_reply(c, "preferences", "manage", context, p->link);
}

enum rc preferences_show(struct call *c, const struct preferences *p)
{
    return show(c, p, NULL);
}

enum rc page_preferences(struct call *c)
{
    struct preferences p = {0};
    TRY(find_session(c, &p));
    return show(c, &p, NULL);
}

enum rc page_preferences_record(struct call *c)
{
    struct preferences p = {0};
    const char *text;
    TRY(find_session(c, &p));
    TRY(db_one(c->s, c->db, &reader_held, PARAMS(P_INT(p.id)), &text));
    strbuf_addstr(&c->reply.body, text);
    c->reply.status = 200;
    c->reply.type = "application/json";
    reply_header(c, "Content-Disposition", "attachment; filename=\"subscription.json\"");
    reply_header(c, "Cache-Control", "no-store");
    return RC_OK;
}

static enum rc leave(struct call *c, const struct preferences *p)
{
    unsigned char hash[SIGN_HASH];
    session_hash(p->token, hash);
    session_set(c, READER_SESSION, "", 0);
    return db_do(c->s, c->db, &session_drop, PARAMS(P_BYTES(hash, sizeof(hash))), NULL);
}

static enum rc gone(struct call *c, const struct preferences *p, bool erase)
{
    bool ended;
    TRY(leave(c, p));
    if (erase)
        TRY(db_do(c->s, c->db, &reader_forget, PARAMS(P_INT(p->id)), NULL));
    else
        TRY(subscriber_end(c->s, c->db, p->id, "page", "reader", &ended));
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "erased", json_boolean(erase));
    return page_reply(c, "gone", erase ? "erased" : "unsubscribed", context, false);
}

static enum rc change(struct call *c, struct preferences *p, const struct form *form)
{
    enum rc rc = preferences_change(c, p, form);
    const char *field = c->s->fault.field;
    if (rc == RC_INVALID && field && !c->refusal && strcmp(field, "do") != 0) {
        struct reader_errors errors = reader_errors(c, form);
        c->reply.status = 422;
        TRY(show(c, p, form));
        reader_mark(c, form, errors);
        return RC_OK;
    }
    TRY(rc);
    return show(c, p, NULL);
}

enum rc page_preferences_post(struct call *c)
{
    struct preferences p = {0};
    struct form form = {0};
    TRY(find_session(c, &p));
    TRY(form_read(c, &form));
    TRY(session_check_form(c, p.token, &form));
    const char *act = form_text(&form, "do", "save");
    if (!strcmp(act, "erase") || !strcmp(act, "unsubscribe"))
        return gone(c, &p, !strcmp(act, "erase"));
    if (!strcmp(act, "leave")) {
        TRY(leave(c, &p));
        return session_see_other(c, "/");
    }
    return change(c, &p, &form);
}

/* The subscriber of a message's link. RC_CONFLICT: no longer subscribed. */
static enum rc open_link(struct call *c, struct preferences *ret)
{
    struct subscriber row;
    TRY(link_open(c, SIGN_UNSUBSCRIBE, &ret->id));
    TRY(IF_NONE(subscriber_read(c->s, c->db, ret->id, &row), link_none(c)));
    ret->link = scope_printf(c->s, "/p/%s", c->param[0]);
    return !strcmp(row.state, "active") || !strcmp(row.state, "paused") ? RC_OK : RC_CONFLICT;
}

enum rc page_preferences_link(struct call *c)
{
    struct preferences p = {0};
    enum rc rc = open_link(c, &p);
    return rc == RC_CONFLICT ? session_see_other(c, leave_path(c))
           : rc == RC_OK     ? show(c, &p, NULL)
                             : rc;
}

enum rc preferences_save(struct call *c, struct preferences *p)
{
    static const char *const acts[] = {"save", "pause", "resume", NULL};
    struct form form = {0};
    TRY(form_read(c, &form));
    if (!shape_one_of(acts, form_text(&form, "do", "save")))
        return refuse(
            c, 403, "This needs a link of an hour. Request one at %s/manage.", c->api->public_url);
    return change(c, p, &form);
}

enum rc page_preferences_link_post(struct call *c)
{
    struct preferences p = {0};
    enum rc rc = open_link(c, &p);
    if (rc == RC_CONFLICT)
        return session_see_other(c, leave_path(c));
    TRY(rc);
    return preferences_save(c, &p);
}
