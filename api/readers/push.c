/* Notifications in a browser (decision 129): the service worker, icon and manifest, and what a
 * browser does with its own subscription. Its endpoint is random and known only to the browser, the
 * push service and us, so naming it proves what a link in a message proves for other channels. */
#include "api/readers/push.h"

#include <string.h>

#include "api/call/form.h"
#include "api/call/page.h"
#include "api/call/session.h"
#include "api/call/site.h"
#include "api/readers/reader.h"
#include "api/readers/readers.h"
#include "api/subscribers/address.h"
#include "api/subscribers/subscriber.h"
#include "api/http/language.h"
#include "core/embed.h"
#include "core/json.h"
#include "core/push/vapid.h"
#include "templates/label.h"

void push_put(struct call *c, const struct channel_options *options, const char *set,
    const char *note, json_t *context)
{
    bool push = !strcmp(options->channel, "push");
    const char *locale = language_of(c->request, NULL)->tag;
    json_object_set_new(
        context, "push_key", push ? json_string(vapid_public(c->s, c->api->keys)) : json_null());
    json_object_set_new(context, "push_note", json_string(label_text(c->s, locale, set, note)));
}

SHAPE_EXTERN(struct push_known, push_known_shape, "PushKnown",
    FIELD(BOOL, subscribed, .doc = "Whether this endpoint gets notifications."));
SHAPE_STATIC(struct browser, browser_shape, "PushBrowser", FIELD(INT, id), FIELD(TEXT, state));

STMT(push_find,
    "SELECT id, state::text FROM subscriber WHERE channel = 'push' AND address_hash = $1::bytea",
    .row = &browser_shape);
STMT(push_session, "INSERT INTO reader_session (token_hash, subscriber_id) VALUES ($1::bytea, $2)");
/* A service that ends an endpoint early may have told us first. Nothing if the new one is
 * subscribed already. */
STMT(push_move,
    "WITH moved AS (UPDATE subscriber SET address = $2, address_hash = $3::bytea,"
    "     sealed = decode($4, 'hex'), secret_sealed = decode($5, 'hex'), changed_at = now(),"
    "     state = CASE WHEN state = 'suppressed' THEN 'active' ELSE state END,"
    "     state_reason = CASE WHEN state = 'suppressed' THEN NULL ELSE state_reason END"
    "   WHERE id = $1 AND (state <> 'suppressed' OR state_reason IN ('gone', 'failing'))"
    "     AND NOT EXISTS (SELECT FROM subscriber WHERE channel = 'push'"
    "       AND address_hash = $3::bytea)"
    "     AND NOT EXISTS (SELECT FROM suppression WHERE address_hash = $3::bytea)"
    "   RETURNING id),"
    " works AS (DELETE FROM endpoint_failure f USING moved m WHERE f.subscriber_id = m.id)"
    " INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " SELECT id, $3::bytea, 'moved', '" READER_WORDING "', 'page', 'browser' FROM moved");

enum rc push_worker(struct call *c)
{
    const struct embed *file = embed_find("api/static/push.js");
    strbuf_add(&c->reply.body, file->text, file->len);
    c->reply.status = 200;
    c->reply.type = "text/javascript; charset=utf-8";
    reply_header(c, "Content-Security-Policy", "default-src 'none'; connect-src 'self'");
    reply_header(c, "Cache-Control", "no-cache");
    return RC_OK;
}

/* A notification shows bitmaps, so a favicon or logo that is one comes first. */
enum rc push_icon(struct call *c)
{
    static const char *const images[] = {"favicon", "logo"};
    json_t *site = site_now(c->s, c->api->site);
    const char *found = json_get_text(site, "icon");
    for (size_t i = sizeof images / sizeof images[0]; i-- > 0;) {
        const char *image = json_get_text(site, images[i]);
        if (image && strstr(image, "/png/"))
            found = image;
    }
    c->reply.status = 302;
    reply_header(c, "Location", found);
    reply_header(c, "Cache-Control", "public, max-age=3600");
    return RC_OK;
}

/* An iPhone offers notifications only to a page on its Home Screen that has one. */
enum rc push_manifest(struct call *c)
{
    const char *brand = c->api->config->brand;
    json_t *manifest =
        json_own(c->s, json_pack("{s:s, s:s, s:s, s:s, s:[{s:s, s:s}]}", "name", brand,
                           "short_name", brand, "start_url", "/", "display", "standalone", "icons",
                           "src", "/push/icon", "sizes", "any"));
    strbuf_addstr(&c->reply.body, json_text(c->s, manifest));
    c->reply.status = 200;
    c->reply.type = "application/manifest+json";
    reply_header(c, "Cache-Control", "public, max-age=3600");
    return RC_OK;
}

/* The subscriber of the field "address". */
static enum rc find(struct call *c, const struct form *form, struct browser *ret)
{
    struct address address;
    TRY(address_check(c->s, c->api, "push", form_text(form, "address", ""), &address));
    return IF_NONE(db_one(c->s, c->db, &push_find, PARAMS(P_BYTES(address.hash, SIGN_HASH)), ret),
        refuse(c, 404, "This browser is not subscribed."));
}

static bool is_subscribed(const struct browser *browser)
{
    return !strcmp(browser->state, "active") || !strcmp(browser->state, "paused");
}

enum rc push_check(struct call *c)
{
    struct form form = {0};
    struct address address;
    struct browser browser;
    TRY(form_read(c, &form));
    TRY(address_check(c->s, c->api, "push", form_text(&form, "address", ""), &address));
    enum rc rc =
        db_one(c->s, c->db, &push_find, PARAMS(P_BYTES(address.hash, SIGN_HASH)), &browser);
    struct push_known known = {.subscribed = rc == RC_OK && is_subscribed(&browser)};
    reply_header(c, "Cache-Control", "no-store");
    return rc == RC_NOT_FOUND || rc == RC_OK ? reply_object(c, &known) : rc;
}

enum rc push_manage(struct call *c)
{
    struct form form = {0};
    struct browser browser;
    unsigned char hash[SIGN_HASH];
    const char *token = session_new_token(c->s);
    TRY(form_read(c, &form));
    TRY(find(c, &form, &browser));
    if (!is_subscribed(&browser))
        return refuse(c, 404, "This browser is not subscribed.");
    session_hash(token, hash);
    TRY(db_do(
        c->s, c->db, &push_session, PARAMS(P_BYTES(hash, sizeof(hash)), P_INT(browser.id)), NULL));
    session_set(c, READER_SESSION, token, READER_SESSION_SECONDS);
    return session_see_other(c, "/preferences");
}

enum rc push_end(struct call *c)
{
    struct form form = {0};
    struct browser browser;
    bool ended;
    TRY(form_read(c, &form));
    TRY(find(c, &form, &browser));
    TRY(subscriber_end(c->s, c->db, browser.id, "page", "browser", &ended));
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "erased", json_false());
    return page_reply(c, "gone", "unsubscribed", context, false);
}

enum rc push_change(struct call *c)
{
    struct form form = {0};
    struct browser browser;
    struct address to;
    int64_t n = 0;
    TRY(form_read(c, &form));
    TRY(find(c, &form, &browser));
    TRY(address_check(c->s, c->api, "push", form_text(&form, "to", ""), &to));
    TRY(address_keys(c->s, form_get(&form, "p256dh"), form_get(&form, "auth"), &to));
    TRY(db_do(c->s, c->db, &push_move,
        PARAMS(P_INT(browser.id), P_TEXT(to.shown), P_BYTES(to.hash, SIGN_HASH),
            P_TEXT(address_seal(c->s, c->api, "address", browser.id, to.normal)),
            P_TEXT(address_seal(c->s, c->api, "secret", browser.id, to.keys))),
        &n));
    if (!n)
        return refuse(c, 409, "This subscription cannot move.");
    c->reply.status = 204;
    return RC_OK;
}
