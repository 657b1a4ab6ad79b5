/* /manage/{token}: the mailed link, exchanged for a session of an hour by a button.
 * /preferences: change, pause, download, erase. Each change needs the session's cookie,
 * its CSRF token, and an Origin that is ours (session.h). */
#include <string.h>

#include "api/address.h"
#include "api/language.h"
#include "api/lookup.h"
#include "api/page.h"
#include "api/reader.h"
#include "api/resources.h"
#include "api/session.h"
#include "api/subscriber.h"
#include "core/clock.h"
#include "core/json.h"

enum { SESSION_SECONDS = 3600 };

#define READER "reader"

struct session {
    const char *token;
    int64_t id; /* subscriber */
};

struct record {
    const char *text;
};
#define SHAPE_STRUCT struct record
static const struct field record_fields[] = {FIELD(RAW, text)};
static const struct shape record_shape = SHAPE("ReaderRecord", record_fields);
#undef SHAPE_STRUCT

STMT(session_add, "INSERT INTO reader_session (token_hash, subscriber_id)"
                  " SELECT $1::bytea, id FROM subscriber WHERE id = $2");
STMT(session_find,
    "SELECT subscriber_id AS id FROM reader_session"
    " WHERE token_hash = $1::bytea AND expires_at > now()",
    .row = &row_id_shape);
STMT(session_drop, "DELETE FROM reader_session WHERE token_hash = $1::bytea");
STMT(reader_save, "UPDATE subscriber SET verbosity = $2::verbosity, locale = $3, timezone = $4,"
                  "   changed_at = now() WHERE id = $1");
STMT(reader_choice, "SELECT reader_choose($1, $2::jsonb)");
STMT(reader_unmute, "DELETE FROM mute WHERE subscriber_id = $1");
STMT(reader_pause,
    "UPDATE subscriber SET state = 'paused', paused_until = $2::date, changed_at = now()"
    " WHERE id = $1 AND state IN ('active', 'paused') AND $2::date > now()"
    "   AND $2::date < now() + interval '5 years' RETURNING id",
    .row = &row_id_shape);
STMT(reader_resume, "UPDATE subscriber SET state = 'active', paused_until = NULL,"
                    " changed_at = now() WHERE id = $1 AND state = 'paused'");
STMT(reader_held, "SELECT reader_record($1) AS text", .row = &record_shape);
STMT(reader_forget, "SELECT reader_erase($1, '" READER_WORDING "')");

static enum rc find_session(struct call *c, struct session *ret)
{
    unsigned char hash[SIGN_HASH];
    struct row_id row;
    ret->token = session_token(c, READER);
    session_hash(ret->token, hash);
    enum rc rc = db_one(c->s, c->db, &session_find, PARAMS(P_BYTES(hash, sizeof(hash))), &row);
    if (rc == RC_NOT_FOUND)
        return refuse(c, 403, "This session is over. Ask for a new link.");
    TRY(rc);
    ret->id = row.id;
    return RC_OK;
}

static enum rc open_manage(struct call *c, int64_t *ret_id)
{
    struct link_token link;
    SCOPE(s);
    if (sign_link_open(s, c->api->keys, SIGN_MANAGE, c->param[0], clock_now(), &link) != RC_OK)
        return refuse(c, 404, "This link is not valid, or no longer.");
    *ret_id = link.id;
    return RC_OK;
}

enum rc page_manage_link(struct call *c)
{
    int64_t id = 0;
    TRY(open_manage(c, &id));
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
    TRY(open_manage(c, &id));
    session_hash(token, hash);
    TRY(db_do(c->s, c->db, &session_add, PARAMS(P_BYTES(hash, sizeof(hash)), P_INT(id)), &n));
    if (!n)
        return refuse(c, 404, "This link is not valid, or no longer.");
    session_set(c, READER, token, SESSION_SECONDS);
    const char *tag = language_of(c->request, &chosen)->tag;
    return session_see_other(
        c, chosen ? scope_printf(c->s, "/preferences?lang=%s", tag) : "/preferences");
}

static enum rc show(struct call *c, const struct session *session, bool saved)
{
    struct subscriber row;
    TRY(subscriber_read(c->s, c->db, session->id, &row));
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "address", json_string(row.address));
    json_object_set_new(context, "timezone", json_string(row.timezone));
    json_object_set_new(context, "saved", json_boolean(saved));
    json_object_set_new(context, "active", json_boolean(!strcmp(row.state, "active")));
    json_object_set_new(context, "paused", json_boolean(!strcmp(row.state, "paused")));
    json_object_set_new(context, "csrf", json_string(session_csrf(c, session->token)));
    json_object_set_new(context, "locales", json_array());
    for (const struct language *l = languages; l->tag; l++) {
        json_t *json = json_object();
        json_object_set_new(json, "tag", json_string(l->tag));
        json_object_set_new(json, "name", json_string(l->name));
        bool mine = !strncmp(row.locale, l->tag, strlen(l->tag));
        json_object_set_new(json, "selected", json_boolean(mine));
        json_array_append_new(json_object_get(context, "locales"), json);
    }
    reader_put_verbosity(context, row.verbosity);
    TRY(reader_catalogue(c->s, c->db, session->id, context));
    return page_reply(c, "preferences", "manage", context, false);
}

enum rc page_preferences(struct call *c)
{
    struct session session = {0};
    TRY(find_session(c, &session));
    return show(c, &session, false);
}

enum rc page_preferences_record(struct call *c)
{
    struct session session = {0};
    struct record row;
    TRY(find_session(c, &session));
    TRY(db_one(c->s, c->db, &reader_held, PARAMS(P_INT(session.id)), &row));
    strbuf_addstr(&c->reply.body, row.text);
    c->reply.status = 200;
    c->reply.type = "application/json";
    reply_header(c, "Content-Disposition", "attachment; filename=\"subscription.json\"");
    reply_header(c, "Cache-Control", "no-store");
    return RC_OK;
}

static enum rc save(struct call *c, const struct session *session, const struct form *form)
{
    const char *locale = form_text(form, "locale", "en");
    const char *zone = form_text(form, "timezone", "UTC");
    TRY(address_check_reader(c->s, locale, zone));
    struct param id = P_INT(session->id);
    TRY(db_do(c->s, c->db, &reader_save,
        PARAMS(id, P_TEXT(reader_verbosity(form)), P_TEXT(locale), P_TEXT(zone)), NULL));
    const char *chosen = json_text(c->s, reader_chosen(c->s, form));
    TRY(db_do(c->s, c->db, &reader_choice, PARAMS(id, P_TEXT(chosen)), NULL));
    TRY(db_do(c->s, c->db, &reader_unmute, PARAMS(id), NULL));
    return reader_consent(c->s, c->db, session->id, "changed", "page");
}

static enum rc pause_until(struct call *c, const struct session *session, const struct form *form)
{
    const char *until = form_text(form, "until", "");
    struct row_id row;
    if (!clock_is_date(until) || db_one(c->s, c->db, &reader_pause,
                                     PARAMS(P_INT(session->id), P_TEXT(until)), &row) != RC_OK)
        return fail_field(c->s, RC_INVALID, "until", "must be a day to come");
    return reader_consent(c->s, c->db, session->id, "paused", "page");
}

static enum rc resume(struct call *c, const struct session *session)
{
    TRY(db_do(c->s, c->db, &reader_resume, PARAMS(P_INT(session->id)), NULL));
    return reader_consent(c->s, c->db, session->id, "resumed", "page");
}

static enum rc leave(struct call *c, const struct session *session)
{
    unsigned char hash[SIGN_HASH];
    session_hash(session->token, hash);
    session_set(c, READER, "", 0);
    return db_do(c->s, c->db, &session_drop, PARAMS(P_BYTES(hash, sizeof(hash))), NULL);
}

static enum rc gone(struct call *c, const struct session *session, bool erase)
{
    bool ended;
    TRY(leave(c, session));
    if (erase)
        TRY(db_do(c->s, c->db, &reader_forget, PARAMS(P_INT(session->id)), NULL));
    else
        TRY(subscriber_end(c->s, c->db, session->id, "page", "reader", &ended));
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "erased", json_boolean(erase));
    return page_reply(c, "gone", erase ? "erased" : "unsubscribed", context, false);
}

enum rc page_preferences_do(struct call *c)
{
    struct session session = {0};
    struct form form = {0};
    TRY(find_session(c, &session));
    TRY(form_read(c, &form));
    TRY(session_check_form(c, session.token, &form));
    const char *act = form_text(&form, "do", "");
    if (!strcmp(act, "erase") || !strcmp(act, "unsubscribe"))
        return gone(c, &session, !strcmp(act, "erase"));
    if (!strcmp(act, "leave")) {
        TRY(leave(c, &session));
        return session_see_other(c, "/");
    }
    if (!strcmp(act, "pause"))
        TRY(pause_until(c, &session, &form));
    else if (!strcmp(act, "resume"))
        TRY(resume(c, &session));
    else
        TRY(save(c, &session, &form));
    return show(c, &session, true);
}
