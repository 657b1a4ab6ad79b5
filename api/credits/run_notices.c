/* POST /v1/credit-runs/{id}/notices, .../preview, .../test, GET .../proof. */
#include <string.h>

#include "api/call/created_broadcast.h"
#include "api/call/audit_log.h"
#include "api/broadcasts/notice.h"
#include "api/incidents/preview.h"
#include "api/broadcasts/broadcasts.h"
#include "api/credits/credits.h"
#include "api/credits/run.h"
#include "api/credits/run_letter.h"
#include "core/clock.h"
#include "core/json.h"
#include "messages/credit_letter.h"

#define LETTER_FIELDS \
    FIELD(TEXT, subject, .required = true, .min = 1, .max = 250, .doc = "One line."), \
        FIELD(TEXT, body, .required = true, .multiline = true, .min = 1, .max = 32768, \
            .doc = "Markdown with merge fields: {{contact.name}}, {{account.name}}, " \
                   "{{credit.amount_text}}, {{credit.days}}, {{credit.expected_by}}, " \
                   "{{#credit.incidents}}{{title}} {{duration}} {{postmortem_url}}" \
                   "{{/credit.incidents}}."), \
        NOTICE_VARIANTS_FIELD("contacts"), \
        FIELD(INT, expected_in_days, .min = 0, .max = 365, \
            .doc = "Days until the credit appears on the account.")
#define READER_FIELDS \
    FIELD(TEXT, account, .min = 1, .max = 200, \
        .doc = "external_id of the account; default: the first credited one."), \
        FIELD(TEXT, locale, .min = 2, .max = 35, .doc = "Language; default: that of the contact.")
const struct shape run_notices_shape = SHAPE("CreditNotices", struct run_letter, LETTER_FIELDS,
    FIELD(INT, hold_seconds, .min = 0, .max = 86400, .def = "0",
        .doc = "Earliest time of sending; until then, cancelling the broadcast sends nothing."),
    FIELD(INT, per_minute, .min = 1, .max = 1000000, .doc = "Maximum letters per minute."));
const struct shape run_preview_shape =
    SHAPE("CreditNoticePreview", struct run_letter, LETTER_FIELDS, READER_FIELDS);
const struct shape run_test_shape =
    SHAPE("CreditNoticeTest", struct run_letter, LETTER_FIELDS, READER_FIELDS,
        FIELD(TEXT, to, .required = true, .max = 320, .doc = "E-mail address of the recipient."));

struct letter_preview {
    const char *subject, *text, *html, *languages;
};
SHAPE_STATIC(struct letter_language, letter_language_shape, "CreditLetterLanguage",
    FIELD(TEXT, locale, .required = true, .doc = "Language tag."),
    FIELD(INT, contacts, .required = true, .doc = "Number of contacts."),
    FIELD(BOOL, written, .doc = "Whether the letter has a variant in that language."));
const struct shape letter_preview_shape = SHAPE("CreditLetterPreview", struct letter_preview,
    FIELD(TEXT, subject, .required = true, .doc = "One line."),
    FIELD(TEXT, text, .required = true, .doc = "The mail as plain text."),
    FIELD(TEXT, html, .required = true, .doc = "The mail as HTML."),
    FIELD(RAW, languages, .required = true, .form = FORM_LIST, .of = &letter_language_shape,
        .doc = "The languages of the contacts."));

/* A cancelled notice may be followed by another, which skips recipients of the first. */
STMT(run_notice_known,
    "SELECT id FROM broadcast WHERE credit_run_id = $1 AND kind = 'credit_notice'"
    " AND state <> 'cancelled' LIMIT 1",
    .row = &row_int);
STMT(run_notice_send,
    "SELECT amends.broadcast_create('credit_notice', in_credit_run_id => $1, in_subject => $2,"
    "   in_body => $3, in_hold_seconds => $4::integer, in_actor => $5, in_extra => $6::jsonb) AS "
    "id",
    .row = &row_int);
STMT(run_notice_throttle, "UPDATE broadcast SET per_minute = $2 WHERE id = $1");
STMT(run_notice_lock, "SELECT 1 FROM credit_run WHERE id = $1 FOR UPDATE");
STMT(run_notice_test, "SELECT amends.credit_letter_test($1, $2, $3, $4, $5, $6::jsonb) AS id",
    .row = &row_int);

static enum rc check(struct scope *s, const struct run_letter *in)
{
    struct notice_texts texts = {
        .subject = in->subject, .body = in->body, .variants = in->variants};
    return notice_check(s, &texts, true);
}

struct notices {
    struct call *c;
    int64_t run, broadcast;
};

static enum rc send_notices(struct scope *s, struct db *db, void *arg)
{
    struct notices *notices = arg;
    struct call *c = notices->c;
    const struct run_letter *in = c->body;
    int64_t known;
    struct run run;
    TRY(db_do(s, db, &run_notice_lock, PARAMS(P_INT(notices->run)), NULL));
    TRY(run_read(s, db, notices->run, &run));
    if (strcmp(run.state, "issued") != 0)
        return fail(
            s, RC_CONFLICT, "the run is %s: letters can be sent once it is issued", run.state);
    enum rc rc = db_one(s, db, &run_notice_known, PARAMS(P_INT(run.id)), &known);
    if (rc == RC_OK)
        return fail(
            s, RC_CONFLICT, "broadcast %lld already sent the letter of this run", (long long)known);
    if (rc != RC_NOT_FOUND)
        return rc;
    TRY(db_one(s, db, &run_notice_send,
        PARAMS(P_INT(run.id), P_TEXT(in->subject), P_TEXT(in->body), P_INT(in->hold_seconds),
            P_INT(c->key->id), P_TEXT(json_text(s, run_letter_extra(s, in)))),
        &notices->broadcast));
    TRY(db_do(s, db, &run_notice_throttle, PARAMS(P_INT(notices->broadcast), P_INT(in->per_minute)),
        NULL));
    return audit_add(s, db, call_actor(c), "credit_run.notices",
        scope_printf(s, "credit_run:%lld", (long long)run.id), NULL);
}

enum rc run_notices(struct call *c)
{
    struct notices notices = {.c = c};
    TRY(call_id(c, 0, &notices.run));
    TRY(check(c->s, c->body));
    TRY(run_letter_holes(c, notices.run, c->body));
    TRY(db_txn(c->s, c->db, send_notices, &notices));
    return reply_created_broadcast(c, notices.broadcast);
}

static enum rc put_notice(struct scope *s, const char *subject, const char *body, json_t *root)
{
    json_t *notice = json_object();
    char *text, *html;
    json_object_set_new(root, "notice", notice);
    TRY(letter_text(s, "subject", subject, ESCAPE_HEADER, root, &subject));
    TRY(letter_text(s, "body", body, ESCAPE_TEXT, root, &body));
    TRY(markdown_text(s, body, &text));
    TRY(markdown_html(s, body, &html));
    json_object_set_new(notice, "subject", json_string(subject));
    json_object_set_new(notice, "body_text", json_string(text));
    json_object_set_new(notice, "body_html", json_string(html));
    return RC_OK;
}

static enum rc part(
    struct scope *s, const char *locale, const char *suffix, const json_t *root, const char **ret)
{
    struct template *template;
    STRBUF(b, 1024 * 1024);
    TRY(template_load(s, "email/credit_notice", locale, suffix, &template));
    TRY(template_render(s, template, root, &b));
    *ret = strbuf_copy(&b, s);
    return RC_OK;
}

enum rc run_notices_preview(struct call *c)
{
    const struct run_letter *in = c->body;
    struct addressee addressee;
    int64_t run;
    json_t *root = NULL;
    struct letter_preview preview = {0};
    TRY(call_id(c, 0, &run));
    TRY(check(c->s, in));
    TRY(run_letter_holes(c, run, in));
    TRY(run_letter_addressee(c, run, in->account, &addressee));
    const char *locale = in->locale ? in->locale : addressee.locale;
    TRY(run_letter_context(c, run, &addressee, locale, in, &root));
    const char *subject = in->subject, *body = in->body;
    credit_letter_choose(run_letter_extra(c->s, in), locale, &subject, &body);
    TRY(put_notice(c->s, subject, body, root));
    TRY(part(c->s, locale, "subject.txt", root, &preview.subject));
    TRY(part(c->s, locale, "txt", root, &preview.text));
    TRY(part(c->s, locale, "html", root, &preview.html));
    TRY(run_letter_languages(c, run, in, &preview.languages));
    return reply_object(c, &preview);
}

enum rc run_notices_test(struct call *c)
{
    const struct run_letter *in = c->body;
    struct addressee addressee;
    int64_t id, run;
    TRY(call_id(c, 0, &run));
    TRY(check(c->s, in));
    TRY(preview_check_address(c, "to", in->to));
    TRY(run_letter_holes(c, run, in));
    TRY(run_letter_addressee(c, run, in->account, &addressee));
    TRY(db_one(c->s, c->db, &run_notice_test,
        PARAMS(P_INT(run), P_INT(addressee.contact), P_TEXT(in->subject), P_TEXT(in->body),
            P_INT(c->key->id), P_TEXT(json_text(c->s, run_letter_extra(c->s, in)))),
        &id));
    return reply_created_broadcast(c, id);
}
