/* Callbacks of SMS providers: POST /hooks/sms/{provider}/status[/{token}] reports the outcome of a
 * message, POST /hooks/sms/{provider}[/inbound/{token}] delivers an incoming SMS. GET is for
 * providers that support nothing else. Twilio, "Outbound Message Status in Status Callbacks";
 * Vonage, "Delivery Receipts" and "Inbound SMS". */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "api/subscribers/address.h"
#include "api/call/form.h"
#include "api/hooks/hook_provider.h"
#include "api/signatures/hook_sign.h"
#include "api/hooks/hooks.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/log.h"
#include "templates/engine/template.h"

enum { WORD_MAX = 20, ANSWER_MAX = 4096 };

SHAPE_STATIC(struct sms_delivery, sms_delivery_shape, "SmsDelivery", FIELD(INT, broadcast_id),
    FIELD(INT, recipient_id));

STMT(hook_find,
    "SELECT broadcast_id, recipient_id FROM delivery WHERE reference = $1 AND channel = 'sms'",
    .row = &sms_delivery_shape);

/* Callbacks arrive in any order: unknown < accepted < failed < delivered, and only up. */
STMT(hook_move,
    "UPDATE delivery SET state = $3::delivery_state, reason = $4,"
    "   reference = coalesce(reference, $5)"
    " WHERE broadcast_id = $1 AND recipient_id = $2 AND channel = 'sms'"
    " AND array_position(array['unknown', 'accepted', 'failed', 'delivered'], $3::text)"
    "   > array_position(array['unknown', 'accepted', 'failed', 'delivered'], state::text)");

STMT(hook_suppress,
    "WITH ended AS (UPDATE subscriber SET state = 'suppressed', state_reason = $2,"
    "     changed_at = now() WHERE id = $1 AND channel = 'sms' RETURNING address_hash)"
    " INSERT INTO suppression (address_hash, channel, reason, detail)"
    " SELECT address_hash, 'sms', 'refused', $2 FROM ended ON CONFLICT DO NOTHING");

STMT(hook_stop,
    "WITH blocked AS (INSERT INTO suppression (address_hash, channel, reason)"
    "     VALUES ($1, 'sms', 'stop') ON CONFLICT DO NOTHING),"
    " ended AS (UPDATE subscriber SET state = 'suppressed', state_reason = 'stop',"
    "     changed_at = now() WHERE channel = 'sms' AND address_hash = $1"
    "     AND state IN ('pending', 'active', 'paused'))"
    " INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " VALUES ((SELECT id FROM subscriber WHERE channel = 'sms' AND address_hash = $1), $1,"
    "   'unsubscribed', 'sms-1', 'sms', $2)");

/* No subscriber, if the number received a reply recently (api/hooks/sql/sms_help.sql). */
STMT(hook_help, "SELECT 1 FROM amends.sms_help($1, $2)");

/* A subscription that ended for another reason than the reader's request stays ended. */
STMT(hook_start,
    "WITH lifted AS (DELETE FROM suppression WHERE address_hash = $1 AND channel = 'sms'"
    "     AND (reason = 'stop' OR (reason = 'refused' AND detail = 'opted_out'))),"
    " begun AS (UPDATE subscriber SET state = 'active', state_reason = NULL, changed_at = now()"
    "     WHERE channel = 'sms' AND address_hash = $1 AND (state = 'pending'"
    "     OR (state = 'suppressed' AND state_reason IN ('stop', 'opted_out'))))"
    " INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " VALUES ((SELECT id FROM subscriber WHERE channel = 'sms' AND address_hash = $1), $1,"
    "   'subscribed', 'sms-1', 'sms', $2)");

static const struct provider nobody = {.name = ""};

static enum rc find_delivery(
    struct call *c, bool is_signed, const char *reference, struct sms_delivery *ret)
{
    struct link_token link;
    if (c->param[1]) {
        if (sign_link_open(c->s, c->api->keys, SIGN_SMS_STATUS, c->param[1], clock_now(), &link) !=
            RC_OK)
            return fail(c->s, RC_DENIED, "invalid token");
        *ret = (struct sms_delivery){.broadcast_id = link.id, .recipient_id = link.extra};
        return RC_OK;
    }
    if (!is_signed)
        return fail(c->s, RC_DENIED, "missing token");
    return db_one(c->s, c->db, &hook_find, PARAMS(P_TEXT(reference)), ret);
}

static enum rc reply_text(struct call *c, const char *type, const char *text)
{
    c->reply.status = 200;
    c->reply.type = type;
    strbuf_addstr(&c->reply.body, text);
    return RC_OK;
}

enum rc hook_sms_status(struct call *c)
{
    const struct provider *provider = &nobody;
    struct form form;
    bool is_signed;
    struct sms_delivery delivery = {0};
    TRY(form_read(c, &form));
    TRY(hook_provider(c, &form, &provider, &is_signed));
    if (!provider->status)
        return refuse(c, 404, "this provider has no status callbacks");
    const char *reference = form_get(&form, provider->status->id);
    TRY(IF_NONE(find_delivery(c, is_signed, reference, &delivery),
        reply_text(c, "text/plain", "unknown\n")));
    const char *state = provider_state(provider, form_get(&form, provider->status->state));
    const struct provider_error *error =
        provider_error(provider, 0, form_get(&form, provider->status->error));
    if (!state)
        return reply_text(c, "text/plain", "ignored\n");
    bool failed = !strcmp(state, "failed");
    const char *reason = !failed ? NULL : error ? error->reason : "undelivered";
    TRY(db_do(c->s, c->db, &hook_move,
        PARAMS(P_INT(delivery.broadcast_id), P_INT(delivery.recipient_id), P_TEXT(state),
            P_TEXT(reason), P_TEXT(reference)),
        NULL));
    if (failed && error && !strcmp(error->verdict, "suppress"))
        TRY(db_do(c->s, c->db, &hook_suppress,
            PARAMS(P_INT(delivery.recipient_id), P_TEXT(error->reason)), NULL));
    return reply_text(c, "text/plain", "ok\n");
}

/* Twilio, "Twilio support for opt-out keywords (SMS STOP filtering)". */
enum keyword { NO_KEYWORD, STOP, START, HELP };
static const struct {
    const char *word;
    enum keyword keyword;
} keywords[] = {
    {.word = "stop", .keyword = STOP},
    {.word = "stopall", .keyword = STOP},
    {.word = "unsubscribe", .keyword = STOP},
    {.word = "cancel", .keyword = STOP},
    {.word = "end", .keyword = STOP},
    {.word = "quit", .keyword = STOP},
    {.word = "revoke", .keyword = STOP},
    {.word = "optout", .keyword = STOP},
    {.word = "start", .keyword = START},
    {.word = "yes", .keyword = START},
    {.word = "unstop", .keyword = START},
    {.word = "help", .keyword = HELP},
    {.word = "info", .keyword = HELP},
};

static enum keyword keyword_of(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    size_t len = strlen(text);
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    for (size_t i = 0; len < WORD_MAX && i < sizeof keywords / sizeof keywords[0]; i++)
        if (strlen(keywords[i].word) == len && !strncasecmp(keywords[i].word, text, len))
            return keywords[i].keyword;
    return NO_KEYWORD;
}

/* Some providers omit the plus. */
static enum rc sender_of(
    struct call *c, const struct provider *provider, const struct form *form, struct address *ret)
{
    const char *from = form_get(form, provider->inbound->from);
    if (!from)
        return fail_field(c->s, RC_INVALID, provider->inbound->from, "is missing");
    const char *number = *from == '+' ? from : scope_printf(c->s, "+%s", from);
    return address_check(c->s, c->api, "sms", number, ret);
}

static bool answers(const struct provider *provider)
{
    return provider->inbound->type && provider->inbound->answer;
}

/* In the provider's format, or "" for no reply. */
static enum rc answer(struct call *c, const struct provider *provider, const char *text)
{
    const struct provider_inbound *inbound = provider->inbound;
    if (!answers(provider))
        return reply_text(c, "text/plain", "ok\n");
    struct template_options options = {.escape = ESCAPE_HTML};
    struct template *template;
    STRBUF(b, ANSWER_MAX);
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "answer", text ? json_string(text) : json_null());
    TRY(template_compile(c->s, "answer", inbound->answer, &options, &template));
    TRY(template_render(c->s, template, context, &b));
    return reply_text(c, inbound->type, b.buf);
}

/* The same text as the notifier's SMS for providers that ignore the response. */
static enum rc help_text(struct call *c, const char **ret)
{
    struct template *template;
    STRBUF(b, ANSWER_MAX);
    json_t *context = json_own(c->s,
        json_pack("{s:s, s:s}", "brand", c->api->config->brand, "public_url", c->api->public_url));
    TRY(template_load(c->s, "sms/help", "en", "txt", &template));
    TRY(template_render(c->s, template, context, &b));
    *ret = strbuf_copy(&b, c->s);
    return RC_OK;
}

static enum rc obey(struct call *c, const struct provider *provider, enum keyword keyword,
    const struct address *sender)
{
    const char *help = NULL;
    struct params params = PARAMS(
        P_BYTES(sender->hash, SIGN_HASH), P_TEXT(scope_printf(c->s, "sms:%s", provider->name)));
    if (keyword == STOP)
        TRY(db_do(c->s, c->db, &hook_stop, params, NULL));
    if (keyword == START)
        TRY(db_do(c->s, c->db, &hook_start, params, NULL));
    if (keyword == HELP && answers(provider))
        TRY(help_text(c, &help));
    else if (keyword == HELP)
        TRY(db_do(c->s, c->db, &hook_help,
            PARAMS(P_TEXT(sender->normal), P_BYTES(sender->hash, SIGN_HASH)), NULL));
    if (keyword != NO_KEYWORD)
        log_event(LOG_INFO, "received an SMS", LOG_INT("keyword", keyword));
    return answer(c, provider, help);
}

enum rc hook_sms_inbound(struct call *c)
{
    const struct provider *provider = &nobody;
    struct form form;
    struct address sender;
    bool is_signed;
    TRY(form_read(c, &form));
    TRY(hook_provider(c, &form, &provider, &is_signed));
    if (!is_signed && !hook_token_verifies(c->api->config->sms_hook_token, c->param[1]))
        return fail(c->s, RC_DENIED, "invalid token");
    if (!provider->inbound)
        return refuse(c, 404, "this provider has no incoming SMS");
    TRY(sender_of(c, provider, &form, &sender));
    const char *text = form_get(&form, provider->inbound->text);
    return obey(c, provider, keyword_of(text ? text : ""), &sender);
}
