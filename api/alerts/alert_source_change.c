/* PATCH /v1/alert-sources/{name} and POST .../rotate-secret: a source is changed in place, since
 * its rules and alerts would go with it. */
#include <string.h>

#include "api/alerts/alert_source.h"
#include "api/call/audit_log.h"
#include "api/call/dry_run.h"
#include "core/json.h"

SHAPE_EXTERN(struct alert_source_rotation, alert_source_rotation_shape, "AlertSourceRotation",
    FIELD(TEXT, secret, .min = 8, .max = 500,
        .doc = "Key of the signature, if the source makes it; default: a new token."),
    FIELD(INT, overlap_minutes, .min = 0, .max = 10080, .def = "1440",
        .doc = "Minutes in which the previous secret also works; 0: none."));

SHAPE_STATIC(struct stored, stored_shape, "AlertSourceStored", FIELD(INT, id), FIELD(TEXT, format),
    FIELD(RAW, document), FIELD(TEXTS, topics), FIELD(INT, per_minute));

STMT(alert_source_stored,
    "SELECT id, format, document::text AS document, topics, per_minute FROM alert_source"
    " WHERE name = $1 AND archived_at IS NULL FOR UPDATE",
    .row = &stored_shape);
STMT(alert_source_alter, "UPDATE alert_source SET format = $2, document = $3::jsonb, topics = "
                         "coalesce($4::text[], '{}'),"
                         "   per_minute = $5 WHERE id = $1");
/* The source of the path, locked. */
static enum rc find(struct scope *s, struct db *db, const struct call *c, struct stored *row,
    struct new_alert_source *ret)
{
    json_t *document = NULL;
    TRY(IF_NONE(db_one(s, db, &alert_source_stored, PARAMS(P_TEXT(c->param[0])), row),
        hook_source_none(s, &hook_alert_source, c->param[0])));
    if (row->document)
        TRY(json_parse(s, row->document, strlen(row->document), &document));
    *ret = (struct new_alert_source){.name = c->param[0],
        .format = document ? NULL : row->format,
        .document = document,
        .topics = row->topics,
        .per_minute = row->per_minute};
    return RC_OK;
}

static void merge(struct new_alert_source *source, const struct new_alert_source *in)
{
    if (in->name)
        source->name = in->name;
    if (in->format || in->document) {
        source->format = in->format;
        source->document = in->document;
    }
    if (in->topics.at)
        source->topics = in->topics;
    if (in->per_minute != SHAPE_NONE)
        source->per_minute = in->per_minute;
}

/* An address has the token, and a URL has not: neither can become the other. */
static enum rc check_kind(struct scope *s, const struct alert_format *old,
    const struct alert_format *now, const struct new_alert_source *in)
{
    if (!strcmp(old->auth->type, "mail") == !strcmp(now->auth->type, "mail"))
        return RC_OK;
    return fail_field(s, RC_INVALID, in->format ? "format" : "document",
        "a source of mail has an address instead of a URL: add another source");
}

static enum rc change(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    const struct new_alert_source *in = c->body;
    const struct alert_format *old, *now;
    struct new_alert_source source;
    struct stored row;
    TRY(find(s, db, c, &row, &source));
    TRY(alert_source_check(s, &source, &old));
    merge(&source, in);
    TRY(alert_source_check(s, &source, &now));
    TRY(check_kind(s, old, now, in));
    const char *document = source.document ? json_text(s, source.document) : NULL;
    TRY(db_do(s, db, &alert_source_alter,
        PARAMS(P_INT(row.id), P_TEXT(now->name), P_TEXT(document), P_TEXTS(s, &source.topics),
            P_INT(source.per_minute)),
        NULL));
    TRY(hook_source_rename(s, db, c, &hook_alert_source, in->name, &in->former_names));
    json_t *detail = shape_json(s, &alert_source_change_shape, in); /* without JSON fields */
    if (in->document)
        json_object_set(detail, "document", (json_t *)in->document);
    TRY(audit_add(s, db, call_actor(c), "alert_source.change", c->param[0], json_text(s, detail)));
    return alert_source_reply(c, source.name);
}

enum rc alert_source_change(struct call *c)
{
    return dry_run_or_write(c, change, c);
}

struct rotating {
    struct call *c;
    struct alert_source_made made;
};

static enum rc rotate(struct scope *s, struct db *db, void *arg)
{
    struct rotating *rotating = arg;
    struct call *c = rotating->c;
    const struct alert_source_rotation *in = c->body;
    const struct alert_format *format;
    struct new_alert_source source;
    struct stored row;
    TRY(find(s, db, c, &row, &source));
    TRY(alert_source_check(s, &source, &format));
    if (!strcmp(format->auth->type, "sns"))
        return fail(s, RC_CONFLICT, "Amazon signs the requests of this source: it has no secret");
    TRY(alert_source_fill(c, format, in->secret, &rotating->made));
    return hook_source_rotate(s, db, c, &hook_alert_source, rotating->made.secret,
        in->overlap_minutes, &rotating->made.id);
}

enum rc alert_source_rotate(struct call *c)
{
    struct rotating rotating = {.c = c, .made = {.name = c->param[0]}};
    TRY(db_txn(c->s, c->db, rotate, &rotating));
    return reply_object(c, &rotating.made);
}
