#include "api/call/page_origins.h"
#include "api/readers/slack_install.h"

#include <string.h>

#include "api/call/page.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "api/call/session.h"
#include "api/readers/signup.h"
#include "api/subscribers/subscriber.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "core/net/net.h"

enum { STATE_SECONDS = 600, REPLY_MAX = 64 * 1024, TARGET_MAX = 8192, FORM_MAX = 16 * 1024 };

#define COOKIE "slack"

STMT(slack_wish_take,
    "WITH mine AS (SELECT id, form FROM signup WHERE id = $1 AND kind = 'slack'"
    "    AND done_at IS NULL FOR UPDATE),"
    " done AS (UPDATE signup SET done_at = now(), form = NULL FROM mine WHERE signup.id = mine.id)"
    " SELECT form FROM mine",
    .row = &row_text);
/* Installing it again for the same channel reactivates a subscription that the reader ended, but
 * not one that staff or Slack ended. */
STMT(slack_subscribe,
    "INSERT INTO subscriber AS s (channel, address, address_hash, state, locale, timezone,"
    "   verbosity)"
    " SELECT 'slack', $1, $2::bytea, 'active', $3::jsonb->>'locale', $3::jsonb->>'timezone',"
    "   ($3::jsonb->>'verbosity')::verbosity"
    "  WHERE NOT EXISTS (SELECT FROM suppression WHERE address_hash = $2::bytea"
    "    AND reason <> 'erased')"
    " ON CONFLICT (channel, address_hash) DO UPDATE SET state = 'active', state_reason = NULL,"
    "   paused_until = NULL, locale = excluded.locale, timezone = excluded.timezone,"
    "   verbosity = excluded.verbosity, changed_at = now()"
    " RETURNING id",
    .row = &row_int);
STMT(slack_seal, "UPDATE subscriber SET sealed = decode($2, 'hex') WHERE id = $1");
STMT(slack_choose, "SELECT amends.reader_choose($1, $2::jsonb)");
STMT(slack_unerase, "DELETE FROM suppression WHERE address_hash = $1::bytea AND reason = 'erased'");
STMT(slack_consent,
    "INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " SELECT $1, $2::bytea, a, '" READER_WORDING "', 'slack', 'reader'"
    "  FROM unnest(ARRAY['subscribed', 'confirmed']) AS a");

static const char *callback_url(struct call *c)
{
    return scope_printf(c->s, "%s/slack/callback", c->api->public_url);
}

/* The part of the cookie in the state: 62 bits of its hash. */
static int64_t mark_of(const char *token)
{
    unsigned char hash[SIGN_HASH];
    int64_t mark;
    session_hash(token, hash);
    memcpy(&mark, hash, sizeof(mark));
    return mark & INT64_C(0x3fffffffffffffff);
}

enum rc slack_install_begin(struct call *c, const struct form *form)
{
    const struct config *config = c->api->config;
    /* Without an address, the limits count only the client. */
    struct address nobody = {.channel = "slack"};
    struct link_token state = {.expires = clock_now() + STATE_SECONDS * CLOCK_SECOND};
    const char *token = session_new_token(c->s);
    json_t *wish = NULL;
    if (!slack_install_is_open(config, "slack"))
        return refuse(c, 404, "\"Add to Slack\" is not configured.");
    TRY(signup_wish(c, form, &wish));
    TRY(signup_keep(c, "slack", &nobody, wish, &state.id));
    state.extra = mark_of(token);
    STRBUF(b, TARGET_MAX);
    strbuf_addf(&b, "%s?scope=incoming-webhook&client_id=", config->slack_authorize_url);
    net_form_value(&b, config->slack_client_id);
    strbuf_addstr(&b, "&redirect_uri=");
    net_form_value(&b, callback_url(c));
    strbuf_addstr(&b, "&state=");
    sign_link(c->api->keys, SIGN_SLACK_STATE, state, &b);
    session_set(c, COOKIE, token, STATE_SECONDS);
    return session_see_other(c, strbuf_copy(&b, c->s));
}

/* Requested in this browser within ten minutes, and unused. */
static enum rc take_wish(struct call *c, const struct form *form, json_t **ret)
{
    struct link_token state;
    const char *wish;
    SCOPE(s);
    const char *token = session_token(c, COOKIE);
    if (sign_link_open(s, c->api->keys, SIGN_SLACK_STATE, form_text(form, "state", ""), clock_now(),
            &state) != RC_OK ||
        state.extra != mark_of(token))
        return refuse(c, 403, "This was not started in this browser, or too long ago.");
    session_set(c, COOKIE, "", 0);
    TRY(IF_NONE(db_one(c->s, c->db, &slack_wish_take, PARAMS(P_INT(state.id)), &wish),
        refuse(c, 403, "This link was already used. Start again.")));
    return json_parse(c->s, wish, strlen(wish), ret);
}

/* oauth.v2.access: exchanges the code for the webhook URL of the selected channel. */
static enum rc exchange(struct call *c, const char *code, json_t **ret)
{
    const struct config *config = c->api->config;
    struct net_guard guard = {.allow_loopback = config->allow_loopback};
    int status = 0;
    STRBUF(form, FORM_MAX);
    STRBUF(reply, REPLY_MAX);
    strbuf_addstr(&form, "code=");
    net_form_value(&form, code);
    strbuf_addstr(&form, "&redirect_uri=");
    net_form_value(&form, callback_url(c));
    TRY(net_post_form(c->s, scope_printf(c->s, "%s/oauth.v2.access", config->slack_api_url), &guard,
        form.buf, config->slack_client_id, config->slack_client_secret, &reply, &status));
    if (status != 200 || reply.overflow || json_parse(c->s, reply.buf, reply.len, ret) != RC_OK)
        return fail(c->s, RC_UPSTREAM, "Slack returned %d for oauth.v2.access", status);
    const char *error = json_get_text(*ret, "error");
    if (json_is_true(json_object_get(*ret, "ok")))
        return RC_OK;
    log_event(LOG_WARN, "Slack refused an installation", LOG_TEXT("error", error ? error : "?"));
    return refuse(c, 422, "Slack did not accept this. Start again.");
}

struct installation {
    const struct call *c;
    struct address address;
    const char *shown;
    const char *wish;
    int64_t id;
};

static enum rc subscribe(struct scope *s, struct db *db, void *arg)
{
    struct installation *in = arg;
    struct param hash = P_BYTES(in->address.hash, SIGN_HASH);
    TRY(db_do(s, db, &slack_unerase, PARAMS(hash), NULL));
    TRY(db_one(s, db, &slack_subscribe, PARAMS(P_TEXT(in->address.shown), hash, P_TEXT(in->wish)),
        &in->id));
    const char *sealed = address_seal(s, in->c->api, "address", in->id, in->address.normal);
    TRY(db_do(s, db, &slack_seal, PARAMS(P_INT(in->id), P_TEXT(sealed)), NULL));
    TRY(db_do(s, db, &slack_choose, PARAMS(P_INT(in->id), P_TEXT(in->wish)), NULL));
    return db_do(s, db, &slack_consent, PARAMS(P_INT(in->id), hash), NULL);
}

static enum rc show(struct call *c, const char *place)
{
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "place", place ? json_string(place) : json_null());
    return page_reply(c, "slack", "subscribe", context, true);
}

enum rc page_slack_callback(struct call *c)
{
    struct form form = {0};
    json_t *wish = NULL, *reply = NULL;
    struct installation in = {.c = c};
    TRY(form_read(c, &form));
    TRY(take_wish(c, &form, &wish));
    if (!form_text(&form, "code", NULL))
        return show(c, NULL);
    TRY(exchange(c, form_text(&form, "code", ""), &reply));
    json_t *hook = json_object_get(reply, "incoming_webhook");
    const char *url = json_get_text(hook, "url");
    const char *channel = json_get_text(hook, "channel");
    const char *team = json_get_text(json_object_get(reply, "team"), "name");
    if (!url || address_check(c->s, c->api, "slack", url, &in.address) != RC_OK || in.address.bot)
        return fail(c->s, RC_UPSTREAM, "Slack sent no usable incoming_webhook");
    in.shown = scope_printf(
        c->s, "%s%s%s", channel ? channel : "Slack", team ? ", " : "", team ? team : "");
    in.wish = json_text(c->s, wish);
    TRY(IF_NONE(
        db_txn(c->s, c->db, subscribe, &in), refuse(c, 403, "This channel cannot be subscribed.")));
    return show(c, in.shown);
}
