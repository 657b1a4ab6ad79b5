/* POST /v1/notices and its preview: a letter to the subscribers. */
#include <string.h>

#include "api/lookup.h"
#include "api/notice.h"
#include "api/resources.h"
#include "core/json.h"
#include "templates/credit_letter.h"
#include "templates/template.h"

struct new_notice {
    const json_t *audience;
    const char *subject;
    const char *body;
    int64_t hold_seconds;
    int64_t per_minute;
};
#define SHAPE_STRUCT struct new_notice
static const struct field new_notice_fields[] = {
    FIELD(JSON, audience, .doc = "\"all\", which is what absent means."),
    FIELD(TEXT, subject, .required = true, .min = 1, .max = 250, .doc = "One line."),
    FIELD(TEXT, body, .required = true, .multiline = true, .min = 1, .max = 32768,
        .doc = "Markdown."),
    FIELD(INT, hold_seconds, .min = 0, .max = 86400, .def = "0",
        .doc = "Send nothing before; until then a cancel of the broadcast undoes all of it."),
    FIELD(INT, per_minute, .min = 1, .max = 1000000,
        .doc = "Messages a minute at most, on each channel."),
};
const struct shape new_notice_shape = SHAPE("NewNotice", new_notice_fields);
#undef SHAPE_STRUCT

struct created_broadcast {
    int64_t broadcast;
};
#define SHAPE_STRUCT struct created_broadcast
static const struct field created_broadcast_fields[] = {
    FIELD(INT, broadcast, .required = true, .doc = "Id of the broadcast."),
};
const struct shape created_broadcast_shape = SHAPE("CreatedBroadcast", created_broadcast_fields);
#undef SHAPE_STRUCT

#define SHAPE_STRUCT struct notice_preview
static const struct field preview_fields[] = {
    FIELD(TEXT, subject, .required = true, .doc = "One line."),
    FIELD(TEXT, text, .required = true, .doc = "As plain text."),
    FIELD(TEXT, html, .required = true, .doc = "As HTML."),
};
const struct shape preview_shape = SHAPE("NoticePreview", preview_fields);
#undef SHAPE_STRUCT

STMT(notice_send,
    "SELECT broadcast_create('notice', NULL, NULL, NULL, NULL, NULL, $1, $2, NULL,"
    "   $4::integer, $3) AS id",
    .row = &row_id_shape);
STMT(notice_throttle, "UPDATE broadcast SET per_minute = $2 WHERE id = $1");

enum rc reply_created_broadcast(struct call *c, int64_t id)
{
    return reply_object(c, &(struct created_broadcast){.broadcast = id});
}

static enum rc check(struct scope *s, const struct new_notice *in)
{
    const char *audience = in->audience ? json_string_value(in->audience) : "all";
    if (!audience || strcmp(audience, "all") != 0)
        return fail_field(
            s, RC_INVALID, "audience", "must be \"all\"; parts are not available yet");
    return letter_check(s, "", in->subject, in->body, false);
}

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    const struct new_notice *in = c->body;
    struct row_id row;
    TRY(db_one(s, db, &notice_send,
        PARAMS(P_TEXT(in->subject), P_TEXT(in->body), P_INT(c->key->id), P_INT(in->hold_seconds)),
        &row));
    TRY(db_do(s, db, &notice_throttle, PARAMS(P_INT(row.id), P_INT(in->per_minute)), NULL));
    TRY(audit_add(s, db, call_actor(c), "notice.create",
        scope_printf(s, "broadcast:%lld", (long long)row.id), NULL));
    strbuf_clear(&c->reply.body);
    return reply_created_broadcast(c, row.id);
}

enum rc notice_create(struct call *c)
{
    TRY(check(c->s, c->body));
    return db_txn(c->s, c->db, create, c);
}

enum rc notice_preview(struct call *c)
{
    const struct new_notice *in = c->body;
    char *text = NULL, *html = NULL;
    TRY(check(c->s, in));
    TRY(markdown_text(c->s, in->body, &text));
    TRY(markdown_html(c->s, in->body, &html));
    struct notice_preview preview = {.subject = in->subject, .text = text, .html = html};
    return reply_object(c, &preview);
}
