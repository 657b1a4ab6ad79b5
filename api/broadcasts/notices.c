/* POST /v1/notices, .../preview, .../test: messages of staff to subscribers. */
#include <string.h>

#include "api/call/created_broadcast.h"
#include "api/call/locale.h"
#include "api/call/audit_log.h"
#include "api/broadcasts/notice.h"
#include "api/broadcasts/notice_audience.h"
#include "api/incidents/preview.h"
#include "api/broadcasts/broadcasts.h"
#include "core/json.h"
#include "core/utf8.h"
#include "messages/preview.h"
#include "messages/credit_letter.h"

struct notice {
    const json_t *audience;
    const char *subject;
    const char *body;
    const json_t *variants;
    int64_t hold_seconds;
    int64_t per_minute;
    const char *locale;
    const char *to;
};
#define NOTICE_FIELDS \
    NOTICE_AUDIENCE_FIELD, \
        FIELD(TEXT, subject, .required = true, .min = 1, .max = 250, .doc = "One line."), \
        FIELD(TEXT, body, .required = true, .multiline = true, .min = 1, .max = 32768, \
            .doc = "Markdown with merge fields: {{brand}}, {{public_url}}."), \
        NOTICE_VARIANTS_FIELD("subscribers")
#define NOTICE_LOCALE_FIELD \
    FIELD(TEXT, locale, .min = 2, .max = 35, .def = "en", .doc = "Language of the reader.")
SHAPE_EXTERN(struct notice_variant, notice_variant_shape, "NoticeVariant",
    FIELD(TEXT, subject, .required = true, .max = 250, .doc = "One line."),
    FIELD(TEXT, body, .required = true, .multiline = true, .max = 32768, .doc = "Markdown."));
const struct shape new_notice_shape = SHAPE("NoticeCreate", struct notice, NOTICE_FIELDS,
    FIELD(INT, hold_seconds, .min = 0, .max = 86400, .def = "0",
        .doc = "Earliest time of sending; until then, cancelling the broadcast sends nothing."),
    FIELD(INT, per_minute, .min = 1, .max = 1000000,
        .doc = "Maximum messages per minute and channel."));
const struct shape seen_notice_shape =
    SHAPE("SeenNotice", struct notice, NOTICE_FIELDS, NOTICE_LOCALE_FIELD);
const struct shape test_notice_shape =
    SHAPE("TestNotice", struct notice, NOTICE_FIELDS, NOTICE_LOCALE_FIELD,
        FIELD(TEXT, to, .required = true, .max = 320, .doc = "E-mail address of the recipient."));

const struct shape preview_shape = SHAPE("NoticePreview", struct notice_preview,
    FIELD(TEXT, subject, .required = true, .doc = "One line."),
    FIELD(TEXT, text, .required = true, .doc = "The mail as plain text."),
    FIELD(TEXT, html, .required = true, .doc = "The mail as HTML."),
    FIELD(RAW, audience, .required = true, .form = FORM_LIST, .of = &notice_readers_shape,
        .doc = "The recipients as of now."));

STMT(notice_send,
    "SELECT amends.broadcast_create('notice', in_subject => $1, in_body => $2, in_actor => $3,"
    "   in_hold_seconds => $4::integer, in_extra => $5::jsonb) AS id",
    .row = &row_int);
STMT(notice_throttle, "UPDATE broadcast SET per_minute = $2 WHERE id = $1");

static enum rc check_variant(
    struct scope *s, const char *locale, const json_t *variant, bool credit)
{
    const char *path = scope_printf(s, "variants.%s", locale);
    const char *subject = json_get_text(variant, "subject");
    const char *body = json_get_text(variant, "body");
    SCOPE(inner);
    if (locale_check(inner, locale, NULL) != RC_OK)
        return fail_field(s, RC_INVALID, path, "is not a language tag");
    if (!subject || !body || json_object_size(variant) != 2 || strpbrk(subject, "\r\n") ||
        utf8_count(subject) > 250 || utf8_count(body) > 32768)
        return fail_field(s, RC_INVALID, path, "must be {subject, body}, within their limits");
    return letter_check(s, scope_printf(s, "%s.", path), subject, body, credit);
}

enum rc notice_check(struct scope *s, const struct notice_texts *texts, bool credit)
{
    const char *locale;
    json_t *variant;
    TRY(letter_check(s, "", texts->subject, texts->body, credit));
    if (texts->variants && !json_is_object(texts->variants))
        return fail_field(s, RC_INVALID, "variants", "must be {LOCALE: {subject, body}}");
    json_object_foreach((json_t *)texts->variants, locale, variant)
        TRY(check_variant(s, locale, variant, credit));
    return RC_OK;
}

static enum rc check(struct scope *s, const struct notice *in)
{
    struct notice_texts texts = {
        .subject = in->subject, .body = in->body, .variants = in->variants};
    return notice_check(s, &texts, false);
}

/* ret_audience: as resolved; NULL: everybody. */
static enum rc create(
    struct scope *s, struct db *db, struct call *c, int64_t *ret_id, json_t **ret_audience)
{
    const struct notice *in = c->body;
    TRY(notice_audience_read(s, db, in->audience, ret_audience));
    json_t *extra =
        json_own(s, json_pack("{s:O*, s:O*}", "variants", in->variants, "audience", *ret_audience));
    TRY(db_one(s, db, &notice_send,
        PARAMS(P_TEXT(in->subject), P_TEXT(in->body), P_INT(c->key->id), P_INT(in->hold_seconds),
            P_TEXT(json_object_size(extra) ? json_text(s, extra) : NULL)),
        ret_id));
    return notice_audience_apply(s, db, *ret_id, *ret_audience);
}

static enum rc send(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    const struct notice *in = c->body;
    int64_t id;
    json_t *audience;
    TRY(create(s, db, c, &id, &audience));
    TRY(db_do(s, db, &notice_throttle, PARAMS(P_INT(id), P_INT(in->per_minute)), NULL));
    TRY(audit_add(s, db, call_actor(c), "notice.create",
        scope_printf(s, "broadcast:%lld", (long long)id), NULL));
    strbuf_clear(&c->reply.body);
    return reply_created_broadcast(c, id);
}

enum rc notice_create(struct call *c)
{
    TRY(check(c->s, c->body));
    return db_txn(c->s, c->db, send, c);
}

/* Previews a notice, like a post (preview.h). */
struct look {
    struct call *c;
    const json_t *mail, *readers;
};

static enum rc render(struct scope *s, struct db *db, void *arg)
{
    struct look *look = arg;
    struct call *c = look->c;
    const struct notice *in = c->body;
    int64_t id;
    json_t *mail, *audience, *readers;
    TRY(create(s, db, c, &id, &audience));
    TRY(preview_mail(s, db, c->api->config, id, in->locale, &mail));
    TRY(notice_audience_count(s, db, id, audience, &readers));
    look->mail = json_own(c->s, json_incref(mail));
    look->readers = json_own(c->s, json_incref(readers));
    return RC_OK;
}

/* The mail for a reader with in->locale: {subject, text, html}; and its readers. */
static enum rc see(struct call *c, struct look *ret)
{
    const struct notice *in = c->body;
    struct look look = {.c = c};
    TRY(check(c->s, in));
    TRY(locale_check(c->s, in->locale, NULL));
    TRY(db_rehearse(c->s, c->db, render, &look));
    *ret = look;
    return RC_OK;
}

enum rc notice_preview(struct call *c)
{
    struct look look;
    TRY(see(c, &look));
    if (json_object_get(look.mail, "trouble"))
        return fail(c->s, RC_INVALID, "the mail cannot be rendered");
    struct notice_preview preview = {.subject = json_get_text(look.mail, "subject"),
        .text = json_get_text(look.mail, "text"),
        .html = json_get_text(look.mail, "html"),
        .audience = json_text(c->s, look.readers)};
    return reply_object(c, &preview);
}

enum rc notice_test(struct call *c)
{
    const struct notice *in = c->body;
    struct look look;
    int64_t broadcast;
    TRY(preview_check_address(c, "to", in->to));
    TRY(see(c, &look));
    TRY(preview_send_mail(c, "notice.test", in->to, look.mail, &broadcast));
    return reply_created_broadcast(c, broadcast);
}
