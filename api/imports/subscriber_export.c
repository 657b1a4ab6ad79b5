/* GET /v1/subscribers/export, in the format of the import. With addresses=true it has complete URLs
 * and secrets, as a move to another installation needs. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/imports/subscriber_line.h"
#include "api/imports/imports.h"
#include "api/subscribers/subscriber.h"
#include "core/db/db_copy.h"

static const char *const formats[] = {"csv", "ndjson", NULL};

SHAPE_EXTERN(struct export_filter, subscriber_export_filter_shape, "ExportFilter",
    FIELD(TEXT, format, .one_of = formats, .doc = "csv or ndjson; default: by Accept."),
    FIELD(BOOL, addresses, .def = "false",
        .doc = "Complete URLs and secrets of endpoints. Requires the scope subscribers:secrets; "
               "recorded in the audit log."));

struct export_row {
    struct subscriber_line line; /* without lists and secrets */
    const char *components, *groups, *incidents, *muted;
    const char *sealed, *secret;
};
static const struct shape export_row_shape = SHAPE("ExportRow", struct export_row,
    FIELD_AS(INT, "id", line.id), FIELD_AS(TEXT, "channel", line.channel),
    FIELD_AS(TEXT, "address", line.address), FIELD_AS(TEXT, "state", line.state),
    FIELD_AS(TEXT, "state_reason", line.state_reason), FIELD_AS(TEXT, "locale", line.locale),
    FIELD_AS(TEXT, "timezone", line.timezone), FIELD_AS(TEXT, "verbosity", line.verbosity),
    FIELD_AS(TIME, "paused_until", line.paused_until), FIELD_AS(TEXT, "account", line.account),
    FIELD_AS(TEXT, "format", line.format), FIELD_AS(TEXT, "owner", line.owner),
    FIELD_AS(RAW, "consents", line.consents), FIELD_AS(TIME, "created_at", line.created_at),
    FIELD(TEXT, components), FIELD(TEXT, groups), FIELD(TEXT, incidents), FIELD(TEXT, muted),
    FIELD(TEXT, sealed), FIELD(TEXT, secret));

STMT(subscriber_export_all,
    "SELECT s.id, s.channel::text, s.address, s.state::text, s.state_reason, s.locale, s.timezone,"
    "  s.verbosity::text, s.paused_until, a.external_id AS account, s.owner, s.created_at,"
    "  CASE WHEN s.channel = 'webhook' THEN s.format END AS format,"
    "  t.components, t.groups, t.incidents, m.muted, c.consents,"
    "  CASE WHEN $1::boolean THEN encode(s.sealed, 'hex') END AS sealed,"
    "  CASE WHEN $1::boolean THEN encode(s.secret_sealed, 'hex') END AS secret"
    " FROM subscriber s LEFT JOIN account a ON a.id = s.account_id"
    " CROSS JOIN LATERAL (SELECT"
    "    string_agg(c.slug, ' ' ORDER BY c.slug) AS components,"
    "    string_agg(g.slug, ' ' ORDER BY g.slug) AS groups,"
    "    string_agg(i.ref, ' ' ORDER BY i.ref) AS incidents FROM subscription x"
    "    LEFT JOIN component c ON x.kind = 'component' AND c.id = x.target_id"
    "    LEFT JOIN component_group g ON x.kind = 'group' AND g.id = x.target_id"
    "    LEFT JOIN incident i ON x.kind = 'incident' AND i.id = x.target_id"
    "   WHERE x.subscriber_id = s.id AND x.kind <> 'all') t"
    " CROSS JOIN LATERAL (SELECT string_agg(x.kind || ':' || coalesce(c.slug, i.ref), ' '"
    "      ORDER BY x.kind, coalesce(c.slug, i.ref)) AS muted FROM mute x"
    "    LEFT JOIN component c ON x.kind = 'component' AND c.id = x.target_id"
    "    LEFT JOIN incident i ON x.kind = 'incident' AND i.id = x.target_id"
    "   WHERE x.subscriber_id = s.id) m"
    " CROSS JOIN LATERAL (SELECT json_agg(json_build_object('action', x.action, 'wording',"
    "      x.wording, 'source', x.source, 'at', to_char(x.at, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))"
    "      ORDER BY x.id)::text AS consents FROM amends.consent_log x WHERE x.subscriber_id = "
    "s.id) c"
    " ORDER BY s.id",
    .row = &export_row_shape);

struct export
{
    const struct api *api;
    FILE *out;
    bool csv;
    struct strbuf text;
};

static enum rc write_row(struct scope *s, const void *row, void *arg)
{
    struct export *export = arg;
    const struct export_row *read = row;
    struct subscriber_line line = read->line;
    SCOPE(inner);
    if (address_open(inner, export->api, "address", line.id, read->sealed, &line.address) ||
        address_open(inner, export->api, "secret", line.id, read->secret, &line.secret))
        return fail_from(s, inner);
    line.components = import_split(inner, read->components);
    line.groups = import_split(inner, read->groups);
    line.incidents = import_split(inner, read->incidents);
    line.muted = import_split(inner, read->muted);
    line.consent_at = SHAPE_NONE;
    line.confirmed = true;
    strbuf_clear(&export->text);
    if (export->csv) {
        subscriber_line_print_csv(&export->text, &line);
    } else {
        shape_print(&export->text, &subscriber_line_shape, &line);
        strbuf_addch(&export->text, '\n');
    }
    if (export->text.overflow ||
        fwrite(export->text.buf, 1, export->text.len, export->out) != export->text.len)
        return fail(s, RC_INTERNAL, "the export cannot be stored: %m");
    return RC_OK;
}

static bool wants_csv(const struct call *c)
{
    const struct export_filter *filter = c->query;
    if (filter->format)
        return !strcmp(filter->format, "csv");
    return !c->request->accept || !strcasestr(c->request->accept, "json");
}

static enum rc export_all(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    const struct export_filter *filter = c->query;
    struct export export = {.api = c->api,
        .csv = wants_csv(c),
        .out = c->reply.file,
        .text = STRBUF_INIT(CSV_RECORD_MAX)};
    rewind(export.out);
    if (export.csv)
        subscriber_line_header(&export.text);
    fwrite(export.text.buf, 1, export.text.len, export.out);
    TRY(db_unhurried(s, db));
    enum rc rc = db_each(
        s, db, &subscriber_export_all, PARAMS(P_BOOL(filter->addresses)), write_row, &export);
    strbuf_release(&export.text);
    TRY(rc);
    /* No reply was sent yet. From here to commit, other audited requests wait. */
    return filter->addresses
               ? audit_add(s, db, call_actor(c), "subscribers.export", "addresses", NULL)
               : RC_OK;
}

enum rc subscriber_export(struct call *c)
{
    const struct export_filter *filter = c->query;
    FILE *out;
    if (filter->addresses && !auth_may(c->key, "subscribers:secrets"))
        return fail_field(c->s, RC_DENIED, "addresses", "requires the scope subscribers:secrets");
    TRY(reply_file(c, wants_csv(c) ? "text/csv; charset=utf-8" : "application/x-ndjson", &out));
    return db_txn(c->s, c->db, export_all, c);
}
