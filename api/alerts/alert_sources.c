/* GET POST /v1/alert-sources, GET DELETE .../{name}: where alerts come from. */
#include <sodium.h>
#include <string.h>

#include "api/alerts/alert_mail.h"
#include "api/alerts/alert_source.h"
#include "api/call/audit_log.h"
#include "api/call/dry_run.h"
#include "api/call/list_page.h"
#include "core/json.h"

enum { TOKEN_BYTES = 24, MAIL_NAME_MAX = 24, MAIL_TOKEN_BYTES = 16 };

SHAPE_EXTERN(struct alert_source_row, alert_source_shape, "AlertSource",
    FIELD(INT, id, .required = true, .doc = "Id of the source."),
    HOOK_SOURCE_NAME(.required = true),
    FIELD(TEXT, format, .required = true, .doc = "Name of the format."),
    FIELD(RAW, document, .form = FORM_OBJECT, .doc = "The format, if it is the source's own."),
    FIELD(TEXTS, topics, .doc = "Topics of Amazon SNS that may send."),
    FIELD(INT, per_minute, .required = true, .doc = "Requests accepted per minute."),
    HOOK_SOURCE_SHOWN);

#define FORMAT_FIELDS(absent) \
    FIELD(TEXT, format, .max = 40, \
        .doc = "alertmanager, grafana, pagerduty, opsgenie, datadog, uptime-kuma, better-stack, " \
               "cloudwatch, mail or generic. Absent: " absent), \
        FIELD(JSON, document, .form = FORM_OBJECT, \
            .doc = "A format of your own, as in templates/alerts."), \
        FIELD(TEXTS, topics, .max = 50, \
            .doc = "ARNs of the topics of Amazon SNS that may send; required by cloudwatch.")

const struct shape new_alert_source_shape = SHAPE("AlertSourceCreate", struct new_alert_source,
    HOOK_SOURCE_NAME(.required = true), FORMAT_FIELDS("document."),
    FIELD(TEXT, secret, .min = 8, .max = 500,
        .doc = "Key of the signature, if the source makes it; default: a new token."),
    FIELD(INT, per_minute, .min = 1, .max = 100000, .def = "600",
        .doc = "Requests accepted per minute."));

const struct shape alert_source_change_shape = SHAPE("AlertSourceChange", struct new_alert_source,
    HOOK_SOURCE_RENAME, FORMAT_FIELDS("as it is. It replaces document."),
    FIELD(INT, per_minute, .min = 1, .max = 100000, .doc = "Requests accepted per minute."));

const struct shape alert_source_made_shape = SHAPE("AlertSourceCreated", struct alert_source_made,
    FIELD(INT, id, .required = true, .doc = "Id of the source."),
    FIELD(TEXT, name, .required = true, .doc = "Name of the source."),
    FIELD(TEXT, format, .required = true, .doc = "Name of the format."),
    FIELD(TEXT, secret,
        .doc = "Token or key; it is shown only now. Absent: Amazon SNS signs, or a dry run."),
    FIELD(TEXT, url, .required = true, .doc = "Where the source sends its alerts."));

struct source_found {
    int64_t id;
    const char *name, *format, *document;
    struct hook_sealed sealed;
    struct texts topics;
};
static const struct shape found_shape = SHAPE("AlertSourceFound", struct source_found,
    FIELD(INT, id), FIELD(TEXT, name), FIELD(TEXT, format), FIELD(RAW, document),
    FIELD_AS(TEXT, "secret", sealed.current, .secret = true),
    FIELD_AS(TEXT, "previous", sealed.previous, .secret = true), FIELD(TEXTS, topics));

#define SOURCE_SELECT \
    "SELECT id, name, format, document::text AS document, topics, per_minute," \
    "   CASE WHEN coalesce(document #>> '{auth,type}', format) <> 'mail'" \
    "     THEN $1 || '/hooks/alerts/' || name END AS url, former_names," \
    "   CASE WHEN previous_until > now() THEN previous_until END AS previous_until, last_at," \
    "   created_at FROM alert_source WHERE archived_at IS NULL "

STMT(alert_source_page, SOURCE_SELECT "AND id > $2::bigint ORDER BY id LIMIT $3",
    .row = &alert_source_shape);
STMT(alert_source_named, SOURCE_SELECT "AND name = $2", .row = &alert_source_shape);
STMT(alert_source_insert,
    "INSERT INTO alert_source (name, format, document, secret, per_minute, topics)"
    " VALUES ($1, $2, $3::jsonb, $4, $5, coalesce($6::text[], '{}')) ON CONFLICT (name)"
    " WHERE archived_at IS NULL DO NOTHING RETURNING id",
    .row = &row_int);
STMT(alert_source_one,
    "SELECT id, name, format, document::text AS document, encode(secret, 'hex') AS secret,"
    "   CASE WHEN previous_until > now() THEN encode(previous_secret, 'hex') END AS previous,"
    "   topics FROM alert_source WHERE archived_at IS NULL"
    "   AND (name = $1 OR $1 = ANY (former_names)) ORDER BY name <> $1 LIMIT 1",
    .row = &found_shape);

enum rc alert_source_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    int64_t after;
    struct list rows;
    TRY(page_open(c, "alert-sources", &after));
    TRY(db_all(c->s, c->db, &alert_source_page,
        PARAMS(P_TEXT(c->api->public_url), P_INT(after), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "alert-sources", rows, offsetof(struct alert_source_row, id));
}

enum rc alert_source_reply(struct call *c, const char *name)
{
    struct alert_source_row row;
    TRY(IF_NONE(db_one(c->s, c->db, &alert_source_named,
                    PARAMS(P_TEXT(c->api->public_url), P_TEXT(name)), &row),
        hook_source_none(c->s, &hook_alert_source, name)));
    strbuf_clear(&c->reply.body);
    return reply_object(c, &row);
}

enum rc alert_source_get(struct call *c)
{
    return alert_source_reply(c, c->param[0]);
}

static enum rc format_of(
    struct scope *s, const char *name, const json_t *document, const struct alert_format **ret)
{
    if (document)
        return alert_format_parse(s, document, ret);
    return IF_NONE(alert_format_load(s, name, ret),
        fail_field(s, RC_INVALID, "format", "\"%.40s\" is not a known format", name));
}

struct source_work {
    const struct call *c;
    struct alert_source_made *made;
};

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    const struct source_work *work = arg;
    const struct call *c = work->c;
    const struct new_alert_source *in = c->body;
    struct alert_source_made *made = work->made;
    unsigned char *sealed;
    size_t len;
    TRY(hook_source_name_free(s, db, &hook_alert_source, in->name));
    hook_source_seal(s, c, &hook_alert_source, made->name, made->secret, &sealed, &len);
    const char *document = in->document ? json_text(s, in->document) : NULL;
    TRY(IF_NONE(db_one(s, db, &alert_source_insert,
                    PARAMS(P_TEXT(in->name), P_TEXT(made->format), P_TEXT(document),
                        P_BYTES(sealed, len), P_INT(in->per_minute), P_TEXTS(s, &in->topics)),
                    &made->id),
        hook_source_name_free(s, db, &hook_alert_source, in->name)));
    return audit_add(s, db, call_actor(c), "alert_source.create", in->name, NULL);
}

static bool is_mail(const struct alert_format *format)
{
    return !strcmp(format->auth->type, "mail");
}

enum rc alert_source_check(
    struct scope *s, const struct new_alert_source *in, const struct alert_format **ret)
{
    const struct alert_format *format = NULL;
    TRY(hook_source_name_check(s, in->name));
    if (!in->format == !in->document)
        return fail_field(s, RC_INVALID, "format", "must be given, or else document, not both");
    TRY(format_of(s, in->format, in->document, &format));
    bool sns = !strcmp(format->auth->type, "sns");
    if (sns != (in->topics.n > 0))
        return fail_field(
            s, RC_INVALID, "topics", sns ? "is required by this format" : "is of Amazon SNS only");
    for (size_t i = 0; i < in->topics.n; i++)
        if (strncmp(in->topics.at[i], "arn:aws", strlen("arn:aws")) != 0 ||
            !strstr(in->topics.at[i], ":sns:"))
            return fail_field(s, RC_INVALID, scope_printf(s, "topics[%zu]", i),
                "must be the ARN of a topic, as arn:aws:sns:REGION:ACCOUNT:NAME");
    /* A local part has 64 octets (RFC 5321, 4.5.3.1.1). */
    if (is_mail(format) && strlen(in->name) > MAIL_NAME_MAX)
        return fail_field(s, RC_INVALID, "name", "must be short enough for an address: %d letters",
            MAIL_NAME_MAX);
    *ret = format;
    return RC_OK;
}

/* Mail servers may change the case of an address. */
static enum rc check_mail_secret(struct scope *s, const char *secret)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    if (strlen(secret) > 2 * MAIL_TOKEN_BYTES || strspn(secret, letters) != strlen(secret))
        return fail_field(s, RC_INVALID, "secret",
            "must be at most %d lower-case letters and digits, for an address",
            2 * MAIL_TOKEN_BYTES);
    return RC_OK;
}

static const char *made_token(struct scope *s, bool mail)
{
    unsigned char bytes[MAIL_TOKEN_BYTES];
    char *hex = scope_alloc(s, 2 * sizeof bytes + 1);
    if (!mail)
        return sign_random(s, TOKEN_BYTES);
    randombytes_buf(bytes, sizeof bytes);
    return sodium_bin2hex(hex, 2 * sizeof bytes + 1, bytes, sizeof bytes);
}

enum rc alert_source_fill(struct call *c, const struct alert_format *format, const char *secret,
    struct alert_source_made *made)
{
    bool mail = is_mail(format);
    if (mail && secret)
        TRY(check_mail_secret(c->s, secret));
    made->format = format->name;
    made->secret = secret ? secret : made_token(c->s, mail);
    made->url =
        mail ? scope_printf(c->s, "mailto:%s",
                   alert_mail_address(c->s, made->name, made->secret, c->api->config->mail_from))
             : scope_printf(c->s, "%s/hooks/alerts/%s", c->api->public_url, made->name);
    return RC_OK;
}

enum rc alert_source_create(struct call *c)
{
    const struct new_alert_source *in = c->body;
    const struct alert_format *format;
    struct alert_source_made made = {.name = in->name};
    TRY(alert_source_check(c->s, in, &format));
    TRY(alert_source_fill(c, format, in->secret, &made));
    TRY(dry_run_or_write(c, create, &(struct source_work){.c = c, .made = &made}));
    if (!strcmp(format->auth->type, "sns") || is_dry_run(c))
        made.secret = NULL;
    return reply_object(c, &made);
}

enum rc alert_source_delete(struct call *c)
{
    return hook_source_delete(c, &hook_alert_source);
}

enum rc alert_source_find(struct scope *s, struct db *db, const struct sign *keys, const char *name,
    struct alert_source *ret)
{
    struct source_found row;
    json_t *document = NULL;
    TRY(IF_NONE(db_one(s, db, &alert_source_one, PARAMS(P_TEXT(name)), &row),
        hook_source_none(s, &hook_alert_source, name)));
    if (row.document)
        TRY(json_parse(s, row.document, strlen(row.document), &document));
    TRY(format_of(s, row.format, document, &ret->format));
    TRY(hook_source_open(s, keys, &hook_alert_source, row.name, &row.sealed, &ret->secret));
    ret->topics = row.topics;
    ret->id = row.id;
    return RC_OK;
}
