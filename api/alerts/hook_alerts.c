/* POST /hooks/alerts/{source}: alerts of a source, and POST /v1/alert-rules/test, which says what
 * they would do. */
#include <sodium.h>
#include <string.h>

#include "api/alerts/alerts.h"
#include "api/alerts/sns.h"
#include "api/signatures/hook_sign.h"
#include "api/signatures/hook_source.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/sign.h"

enum { SHA256 = 32, SIGNED_MAX = 2 << 20 };

SHAPE_EXTERN(struct alerts_received, alerts_received_shape, "AlertsReceived",
    FIELD(INT, received, .required = true, .doc = "Alerts that fire or are resolved."),
    FIELD(INT, matched, .required = true, .doc = "Of these, alerts that a rule matches."));

SHAPE_EXTERN(struct alert_test_query, alert_test_query_shape, "AlertTestQuery",
    FIELD(TEXT, source, .required = true, .max = 64, .doc = "Name of the source."));

static const char *const reasons[] = {
    "source", "scope_label", "component_label", "component", NULL};

SHAPE_STATIC(struct alert_missed, missed_shape, "AlertMissed",
    FIELD(TEXT, rule, .required = true, .doc = "The first rule that matches its labels."),
    FIELD(TEXT, because, .required = true, .one_of = reasons,
        .doc = "source: the rule takes only alerts of another; scope_label, component_label: the "
               "alert lacks that label; component: none has the slug, or it is archived."),
    FIELD(TEXT, label, .doc = "The label."),
    FIELD(TEXT, value, .doc = "Name of the source, or slug of the component."));

SHAPE_EXTERN(struct alert_tested, alert_test_shape, "AlertTested",
    FIELD(TEXT, fingerprint, .required = true, .doc = "Identifies the alert in its source."),
    FIELD(TEXT, title, .required = true, .doc = "Title of the alert."),
    FIELD(RAW, labels, .required = true, .form = FORM_OBJECT, .doc = "Its labels."),
    FIELD(TIME, starts_at, .doc = "Time since which it fires."),
    FIELD(TIME, ends_at, .doc = "Time at which it was resolved."),
    FIELD(TEXT, rule, .doc = "The rule that takes it; absent: none."),
    FIELD(RAW, missed, .form = FORM_OBJECT, .of = &missed_shape,
        .doc = "Why a rule that matches does not take it."),
    FIELD(TEXT, component, .doc = "Component that it concerns."),
    FIELD(TEXT, level, .doc = "Level of the impact."),
    FIELD(
        RAW, group, .form = FORM_OBJECT, .doc = "Labels that it shares with alerts of one cause."),
    FIELD(INT, for_seconds, .doc = "Seconds for which it must fire."),
    FIELD(INT, publish_after_minutes, .doc = "Minutes until it is published by itself."));

STMT(alert_count, "SELECT amends.alert_source_count($1)", .row = &row_bool);
STMT(alert_receive_all,
    "SELECT (r->>'received')::bigint AS received, (r->>'matched')::bigint AS matched"
    "  FROM amends.alert_receive($1, $2::jsonb, $3) r",
    .row = &alerts_received_shape);
STMT(alert_try_all,
    "SELECT x.fingerprint, x.title, x.labels::text AS labels, x.starts_at, x.ends_at,"
    "   r.name AS rule, CASE WHEN r.id IS NULL THEN amends.alert_missed($1, x.labels) END AS "
    "missed,"
    "   c.slug AS component, r.level::text AS level, m.key::text AS group,"
    "   r.for_seconds, r.publish_after_minutes"
    "  FROM jsonb_to_recordset($2::jsonb) x(fingerprint text, title text, labels jsonb,"
    "     starts_at timestamptz, ends_at timestamptz)"
    "  LEFT JOIN LATERAL amends.alert_rule_for($1, x.labels) m ON true"
    "  LEFT JOIN alert_rule r ON r.id = m.rule_id LEFT JOIN component c ON c.id = m.component_id",
    .row = &alert_test_shape);

/* A signature among those of the header. */
static bool has_signature(const char *given, const char *prefix, const char *hex)
{
    size_t skip = strlen(prefix);
    for (const char *at = given; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        at += strspn(at, " ");
        if (!strncmp(at, prefix, skip) && strcspn(at + skip, ",") == 2 * SHA256 &&
            !sodium_memcmp(at + skip, hex, 2 * SHA256))
            return true;
    }
    return false;
}

static bool is_signed_by(
    const char *key, const char *prefix, const struct strbuf *text, const char *given)
{
    unsigned char mac[SHA256];
    char hex[2 * SHA256 + 1];
    sign_hmac_sha256(key, strlen(key), text->buf, text->len, mac);
    sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    return has_signature(given, prefix, hex);
}

static bool is_signed(const struct alert_source *source, const struct request *r, const char *given)
{
    const struct hook_secret *secret = &source->secret;
    const struct alert_auth *auth = source->format->auth;
    const char *timestamp =
        auth->timestamp_header ? request_signature(r, auth->timestamp_header) : NULL;
    STRBUF(text, SIGNED_MAX);
    if (timestamp && !hook_is_recent(timestamp, clock_now() / CLOCK_SECOND))
        return false;
    if (timestamp)
        strbuf_addf(&text, "%s:", timestamp);
    strbuf_add(&text, r->body, r->len);
    return is_signed_by(secret->current, auth->prefix, &text, given) ||
           (secret->previous && is_signed_by(secret->previous, auth->prefix, &text, given));
}

/* In the path, or in the header. */
static const char *token_of(const struct call *c)
{
    return c->param[1] ? c->param[1] : hook_token_given(c->s, c->request->authorization);
}

static enum rc authenticate(struct call *c, const struct alert_source *source)
{
    const struct alert_auth *auth = source->format->auth;
    const char *given = auth->header ? request_signature(c->request, auth->header) : NULL;
    bool hmac = !strcmp(auth->type, "hmac");
    if (hmac && (given || !auth->or_token))
        return is_signed(source, c->request, given) ? RC_OK
                                                    : fail(c->s, RC_DENIED, "invalid signature");
    return hook_secret_is(&source->secret, token_of(c)) ? RC_OK
                                                        : fail(c->s, RC_DENIED, "invalid token");
}

static bool is_sns(const struct alert_source *source)
{
    return !strcmp(source->format->auth->type, "sns");
}

/* What the source says, if it is who it says it is; NULL: a confirmation. */
static enum rc open_request(struct call *c, const struct alert_source *source, const json_t **ret)
{
    json_t *body = NULL;
    if (!strcmp(source->format->auth->type, "mail"))
        return fail(c->s, RC_DENIED, "this source sends mail");
    if (!is_sns(source))
        TRY(authenticate(c, source));
    TRY(json_parse(c->s, c->request->body, c->request->len, &body));
    *ret = body;
    const struct sns_trust trust = {.topics = &source->topics,
        .hosts = &source->format->auth->hosts,
        .allow_loopback = c->api->config->allow_loopback};
    return is_sns(source) ? sns_open(c->s, &trust, body, ret) : RC_OK;
}

static enum rc read_alerts(
    struct call *c, const struct alert_source *source, const json_t *body, const char **ret)
{
    json_t *alerts = NULL;
    TRY(alert_format_read(c->s, source->format, body, clock_now(), &alerts));
    *ret = json_text(c->s, alerts);
    return RC_OK;
}

enum rc alert_source_counts(struct scope *s, struct db *db, int64_t source, bool *ret)
{
    return db_one(s, db, &alert_count, PARAMS(P_INT(source)), ret);
}

static enum rc store(struct scope *s, struct db *db, int64_t source, const char *alerts,
    const char *public_url, struct alerts_received *ret)
{
    return db_one(
        s, db, &alert_receive_all, PARAMS(P_INT(source), P_TEXT(alerts), P_TEXT(public_url)), ret);
}

enum rc alerts_receive(
    struct scope *s, struct db *db, int64_t source, const char *alerts, const char *public_url)
{
    struct alerts_received reply;
    return store(s, db, source, alerts, public_url, &reply);
}

struct receiving {
    const struct call *c;
    int64_t source;
    const char *alerts;
    struct alerts_received *reply;
};

static enum rc receive(struct scope *s, struct db *db, void *arg)
{
    const struct receiving *receiving = arg;
    return store(s, db, receiving->source, receiving->alerts, receiving->c->api->public_url,
        receiving->reply);
}

enum rc hook_alerts(struct call *c)
{
    struct alert_source source;
    struct alerts_received reply = {0};
    const json_t *body;
    bool allowed;
    struct receiving receiving = {.c = c, .reply = &reply};
    TRY(alert_source_find(c->s, c->db, c->api->keys, c->param[0], &source));
    TRY(open_request(c, &source, &body));
    TRY(alert_source_counts(c->s, c->db, source.id, &allowed));
    if (!allowed)
        return hook_source_refuse(c);
    if (!body)
        return reply_object(c, &reply);
    TRY(read_alerts(c, &source, body, &receiving.alerts));
    receiving.source = source.id;
    TRY(db_txn(c->s, c->db, receive, &receiving));
    return reply_object(c, &reply);
}

enum rc alert_test(struct call *c)
{
    const struct alert_test_query *query = c->query;
    struct alert_source source;
    const char *alerts = NULL;
    json_t *body = NULL;
    const json_t *message;
    struct list rows;
    TRY(alert_source_find(c->s, c->db, c->api->keys, query->source, &source));
    TRY(json_parse(c->s, c->request->body, c->request->len, &body));
    message = body;
    if (is_sns(&source))
        TRY(sns_message(c->s, body, &message));
    TRY(read_alerts(c, &source, message, &alerts));
    TRY(db_all(c->s, c->db, &alert_try_all, PARAMS(P_INT(source.id), P_TEXT(alerts)), &rows));
    return reply_list(c, rows, NULL);
}
