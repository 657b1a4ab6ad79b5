#include "api/call/audit_log.h"
#include "api/incidents/preview.h"

#include "api/subscribers/address.h"
#include "api/incidents/incidents.h"
#include "core/json.h"
#include "messages/preview.h"

SHAPE_STATIC(struct seen, seen_shape, "PreviewedRecipients",
    FIELD(TEXT, channel, .required = true, .doc = "Channel."),
    FIELD(TEXT, locale, .required = true, .doc = "Language tag."),
    FIELD(TEXT, verbosity, .required = true, .doc = "Which updates they receive."),
    FIELD(TEXT, format, .doc = "Format of a webhook."),
    FIELD(BOOL, affected, .required = true, .doc = "Whether they are of accounts in scope."),
    FIELD(INT, count, .required = true, .doc = "Number of recipients."));
SHAPE_STATIC(struct message, message_shape, "PreviewedMessage",
    FIELD(TEXT, channel, .required = true, .doc = "Channel."),
    FIELD(TEXT, locale, .required = true, .doc = "Language tag."),
    FIELD(TEXT, format, .doc = "Format of a webhook."),
    FIELD(BOOL, affected, .required = true, .doc = "Whether it is for accounts in scope."),
    FIELD(TEXT, subject, .doc = "Subject of a mail."), FIELD(TEXT, text, .doc = "Plain text."),
    FIELD(TEXT, html, .doc = "HTML of a mail."),
    FIELD(RAW, payload, .form = FORM_OBJECT, .doc = "JSON of a chat or webhook."),
    FIELD(INT, segments, .doc = "Segments of an SMS."),
    FIELD(TEXT, trouble, .doc = "Why it cannot be made."));

SHAPE_EXTERN(struct post_preview, post_preview_shape, "PostPreview",
    FIELD(RAW, audience, .required = true, .form = FORM_LIST, .of = &seen_shape,
        .doc = "The recipients as of now."),
    FIELD(RAW, messages, .required = true, .form = FORM_LIST, .of = &message_shape,
        .doc = "The messages; TOKEN replaces the reader's token in links."),
    FIELD(INT, test, .doc = "Broadcast of the test mail."));

STMT(preview_send, "SELECT amends.post_test($1, $2, $3, $4, $5) AS id", .row = &row_int);

enum rc preview_take(struct scope *s, struct db *db, struct preview *preview, int64_t broadcast)
{
    struct scope *own = preview->c->s;
    preview->audience = preview->messages = "[]";
    if (broadcast != SHAPE_NONE) {
        const struct config *config = preview->c->api->config;
        json_t *shown, *mail;
        TRY(preview_make(s, db, config, broadcast, &shown));
        preview->audience = json_text(own, json_object_get(shown, "audience"));
        preview->messages = json_text(own, json_object_get(shown, "messages"));
        if (preview->test->to) {
            TRY(preview_mail(s, db, config, broadcast, preview->test->locale, &mail));
            preview->mail = json_own(own, json_incref(mail));
        }
    }
    return RC_OK;
}

struct sending {
    struct call *c;
    const char *action, *to;
    const json_t *mail;
    int64_t broadcast;
};

static enum rc send_mail(struct scope *s, struct db *db, void *arg)
{
    struct sending *sending = arg;
    const json_t *mail = sending->mail;
    TRY(db_one(s, db, &preview_send,
        PARAMS(P_TEXT(sending->to),
            P_TEXT(scope_printf(s, "[Test] %s", json_get_word(mail, "subject"))),
            P_TEXT(json_get_word(mail, "text")), P_TEXT(json_get_word(mail, "html")),
            P_INT(sending->c->key->id)),
        &sending->broadcast));
    return audit_add(s, db, call_actor(sending->c), sending->action,
        scope_printf(s, "broadcast:%lld", (long long)sending->broadcast), NULL);
}

enum rc preview_send_mail(
    struct call *c, const char *action, const char *to, const json_t *mail, int64_t *ret_broadcast)
{
    struct sending sending = {.c = c, .action = action, .to = to, .mail = mail};
    if (json_object_get(mail, "trouble"))
        return fail(c->s, RC_INVALID, "the mail cannot be rendered");
    TRY(db_txn(c->s, c->db, send_mail, &sending));
    *ret_broadcast = sending.broadcast;
    return RC_OK;
}

enum rc preview_check_address(struct call *c, const char *field, const char *to)
{
    struct address address;
    SCOPE(inner);
    if (address_check(inner, c->api, "email", to, &address) != RC_OK)
        return fail_field(c->s, RC_INVALID, field, "%s", inner->fault.message);
    return RC_OK;
}

enum rc preview_post(struct preview *preview, db_txn_fn *post, void *arg)
{
    struct call *c = preview->c;
    int64_t test = SHAPE_NONE;
    TRY(db_rehearse(c->s, c->db, post, arg));
    if (preview->test->to) {
        TRY(preview_check_address(c, "test_to", preview->test->to));
        if (!preview->mail)
            return fail_field(c->s, RC_INVALID, "test_to", "has no mail: notify is false");
        TRY(preview_send_mail(c, "post.test", preview->test->to, preview->mail, &test));
    }
    struct post_preview reply = {
        .audience = preview->audience, .messages = preview->messages, .test = test};
    return reply_object(c, &reply);
}
