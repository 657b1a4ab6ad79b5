/* GET POST /v1/measurement-sources, GET DELETE .../{name}: where remote write comes from, and which
 * counters count requests. */
#include <string.h>

#include "api/alerts/alert_match.h"
#include "api/call/audit_log.h"
#include "api/call/dry_run.h"
#include "api/call/list_page.h"
#include "api/call/lookup.h"
#include "api/measurements/measurement_source.h"
#include "core/sign.h"

enum { TOKEN_BYTES = 24 };

#define PLACE_FIELDS \
    FIELD(TEXT, component, .max = 64, .doc = "Slug of the component."), \
        FIELD(TEXT, component_label, .max = 200, .doc = "Or the label that has its slug."), \
        FIELD(TEXTS, labels, .max = 20, \
            .doc = "Labels to keep, for rules: series that differ in others are added up."), \
        FIELD(TEXTS, scope_labels, .max = 20, \
            .doc = "Labels whose values are those of the accounts that the requests concern.")
#define RATE_FIELD(...) \
    FIELD(INT, per_minute, .min = 1, .max = 100000, .doc = "Requests accepted per minute.", \
        __VA_ARGS__)
#define MATCH_FIELDS(...) \
    FIELD(LIST, match, .of = &alert_matcher_shape, .min = 1, .max = 50, \
        .doc = "Which counters count requests: all must hold. __name__ is the metric.", \
        __VA_ARGS__), \
        FIELD(LIST, bad, .of = &alert_matcher_shape, .min = 1, .max = 50, \
            .doc = "Which of them count bad requests.", __VA_ARGS__)

const struct shape new_measurement_source_shape = SHAPE("MeasurementSourceCreate",
    struct new_measurement_source, HOOK_SOURCE_NAME(.required = true), PLACE_FIELDS,
    RATE_FIELD(.def = "6000"), MATCH_FIELDS(.required = true));
const struct shape measurement_source_change_shape = SHAPE("MeasurementSourceChange",
    struct new_measurement_source, HOOK_SOURCE_RENAME, PLACE_FIELDS, RATE_FIELD(), MATCH_FIELDS());
SHAPE_EXTERN(struct measurement_source_row, measurement_source_shape, "MeasurementSource",
    FIELD(INT, id, .required = true, .doc = "Id of the source."),
    HOOK_SOURCE_NAME(.required = true), PLACE_FIELDS, RATE_FIELD(.required = true),
    FIELD(RAW, match, .required = true, .form = FORM_LIST, .of = &alert_matcher_shape,
        .doc = "Which counters count requests."),
    FIELD(RAW, bad, .required = true, .form = FORM_LIST, .of = &alert_matcher_shape,
        .doc = "Which of them count bad requests."),
    FIELD(INT, counters, .required = true, .doc = "Counters of the last day that it took."),
    HOOK_SOURCE_SHOWN);
const struct shape measurement_source_made_shape = SHAPE("MeasurementSourceCreated",
    struct measurement_source_made, FIELD(INT, id, .required = true, .doc = "Id of the source."),
    FIELD(TEXT, name, .required = true, .doc = "Name of the source."),
    FIELD(TEXT, secret, .doc = "Token; it is shown only now. Absent: a dry run."),
    FIELD(TEXT, url, .required = true, .doc = "The url of Prometheus' remote_write."));

struct found {
    int64_t id;
    const char *name;
    struct hook_sealed sealed;
};
static const struct shape found_shape = SHAPE("MeasurementSourceFound", struct found,
    FIELD(INT, id), FIELD(TEXT, name), FIELD_AS(TEXT, "secret", sealed.current, .secret = true),
    FIELD_AS(TEXT, "previous", sealed.previous, .secret = true));

#define SOURCE_SELECT \
    "SELECT s.id, s.name, c.slug AS component, s.component_label, s.labels, s.scope_labels," \
    "   s.per_minute, s.match::text AS match, s.bad::text AS bad, (SELECT count(*) FROM" \
    "     measurement_counter m WHERE m.source_id = s.id AND m.component_id IS NOT NULL)" \
    "     AS counters, $1 || '/hooks/prometheus/write/' || s.name AS url, s.former_names," \
    "   CASE WHEN s.previous_until > now() THEN s.previous_until END AS previous_until," \
    "   s.last_at, s.created_at FROM measurement_source s" \
    "   LEFT JOIN component c ON c.id = s.component_id "

STMT(measurement_source_page, SOURCE_SELECT "WHERE s.id > $2::bigint ORDER BY s.id LIMIT $3",
    .row = &measurement_source_shape);
STMT(measurement_source_named, SOURCE_SELECT "WHERE s.name = $2", .row = &measurement_source_shape);
STMT(measurement_source_insert,
    "INSERT INTO measurement_source (name, match, bad, component_id, component_label, labels,"
    "   scope_labels, secret, per_minute) VALUES ($1, $2::jsonb, $3::jsonb, $4, $5,"
    "   coalesce($6::text[], '{}'), coalesce($7::text[], '{}'), $8, $9)"
    " ON CONFLICT (name) DO NOTHING RETURNING id",
    .row = &row_int);
STMT(measurement_source_one,
    "SELECT id, name, encode(secret, 'hex') AS secret,"
    "   CASE WHEN previous_until > now() THEN encode(previous_secret, 'hex') END AS previous"
    "  FROM measurement_source WHERE name = $1 OR $1 = ANY (former_names)"
    "  ORDER BY name <> $1 LIMIT 1",
    .row = &found_shape);

enum rc measurement_source_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    int64_t after;
    struct list rows;
    TRY(page_open(c, "measurement-sources", &after));
    TRY(db_all(c->s, c->db, &measurement_source_page,
        PARAMS(P_TEXT(c->api->public_url), P_INT(after), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "measurement-sources", rows, offsetof(struct measurement_source_row, id));
}

enum rc measurement_source_reply(struct call *c, const char *name)
{
    struct measurement_source_row row;
    TRY(IF_NONE(db_one(c->s, c->db, &measurement_source_named,
                    PARAMS(P_TEXT(c->api->public_url), P_TEXT(name)), &row),
        hook_source_none(c->s, &hook_measurement_source, name)));
    strbuf_clear(&c->reply.body);
    return reply_object(c, &row);
}

enum rc measurement_source_get(struct call *c)
{
    return measurement_source_reply(c, c->param[0]);
}

struct measurement_source_made measurement_source_make(const struct call *c, const char *name)
{
    return (struct measurement_source_made){.name = name,
        .secret = sign_random(c->s, TOKEN_BYTES),
        .url = scope_printf(c->s, "%s/hooks/prometheus/write/%s", c->api->public_url, name)};
}

enum rc measurement_source_check(struct scope *s, struct db *db,
    const struct new_measurement_source *in, struct source_check *ret)
{
    int64_t *ids;
    *ret = (struct source_check){.component = SHAPE_NONE};
    if (in->match.at)
        TRY(alert_match_check(s, db, "match", &in->match, &ret->match));
    if (in->bad.at)
        TRY(alert_match_check(s, db, "bad", &in->bad, &ret->bad));
    if (!in->component)
        return RC_OK;
    const char *slug = in->component;
    TRY(lookup_components(s, db, &(struct texts){.at = &slug, .n = 1}, "component", &ids));
    ret->component = *ids;
    return RC_OK;
}

struct making {
    const struct call *c;
    struct measurement_source_made *made;
};

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    const struct making *making = arg;
    const struct call *c = making->c;
    const struct new_measurement_source *in = c->body;
    struct source_check found;
    unsigned char *sealed;
    size_t len;
    TRY(measurement_source_check(s, db, in, &found));
    TRY(hook_source_name_free(s, db, &hook_measurement_source, in->name));
    hook_source_seal(s, c, &hook_measurement_source, in->name, making->made->secret, &sealed, &len);
    TRY(IF_NONE(
        db_one(s, db, &measurement_source_insert,
            PARAMS(P_TEXT(in->name), P_TEXT(found.match), P_TEXT(found.bad), P_INT(found.component),
                P_TEXT(in->component_label), P_TEXTS(s, &in->labels), P_TEXTS(s, &in->scope_labels),
                P_BYTES(sealed, len), P_INT(in->per_minute)),
            &making->made->id),
        hook_source_name_free(s, db, &hook_measurement_source, in->name)));
    return audit_add(s, db, call_actor(c), "measurement_source.create", in->name, NULL);
}

enum rc measurement_source_create(struct call *c)
{
    const struct new_measurement_source *in = c->body;
    TRY(hook_source_name_check(c->s, in->name));
    if (!in->component == !in->component_label)
        return fail_field(
            c->s, RC_INVALID, "component", "must be given, or else component_label, not both");
    struct measurement_source_made made = measurement_source_make(c, in->name);
    TRY(dry_run_or_write(c, create, &(struct making){.c = c, .made = &made}));
    if (is_dry_run(c))
        made.secret = NULL;
    return reply_object(c, &made);
}

enum rc measurement_source_delete(struct call *c)
{
    return hook_source_delete(c, &hook_measurement_source);
}

enum rc measurement_source_find(struct scope *s, struct db *db, const struct api *api,
    const char *name, struct measurement_source *ret)
{
    struct found row;
    TRY(IF_NONE(db_one(s, db, &measurement_source_one, PARAMS(P_TEXT(name)), &row),
        hook_source_none(s, &hook_measurement_source, name)));
    ret->id = row.id;
    return hook_source_open(
        s, api->keys, &hook_measurement_source, row.name, &row.sealed, &ret->secret);
}
