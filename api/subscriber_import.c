/* POST /v1/subscribers/import: CSV or NDJSON, set-based, all or none. An import brings
 * addresses whose owners agreed elsewhere; an opt-out or a suppression here still wins. */
#include <sodium.h>
#include <string.h>

#include "api/import.h"
#include "api/resources.h"
#include "api/subscriber.h"
#include "core/json.h"

struct import_line {
    const char *channel;
    const char *address;
    const char *locale;
    const char *timezone;
    const char *verbosity;
    const char *account;
    struct texts components;
    struct texts groups;
    bool confirmed;
};
#define SHAPE_STRUCT struct import_line
static const struct field import_line_fields[] = {
    FIELD(TEXT, channel, .one_of = address_channels, .def = "email", .doc = "How."),
    FIELD(TEXT, address, .required = true, .min = 1, .max = 2000, .doc = "Where."),
    FIELD(TEXT, locale, .min = 2, .max = 35, .doc = "Language tag."),
    FIELD(TEXT, timezone, .min = 1, .max = 60, .doc = "IANA name."),
    FIELD(TEXT, verbosity, .one_of = verbosities, .doc = "How much."),
    FIELD(TEXT, account, .min = 1, .max = 200, .doc = "external_id."),
    FIELD(TEXTS, components, .doc = "Slugs."),
    FIELD(TEXTS, groups, .doc = "Slugs."),
    FIELD(BOOL, confirmed, .def = "true", .doc = "Only true: others subscribe one by one."),
};
const struct shape import_line_shape = SHAPE("ImportedSubscriber", import_line_fields);
#undef SHAPE_STRUCT

static const char *const list_columns[] = {"components", "groups", NULL};

#define IMPORT_INPUT \
    "jsonb_to_recordset($1::jsonb) AS x(n bigint, channel channel, address text, hash text," \
    "  locale text, timezone text, verbosity verbosity, account text, components jsonb," \
    "  groups jsonb)"

STMT(subscriber_import_check,
    "SELECT x.n AS line, 'account' AS field, 'no account \"' || x.account || '\"' AS detail"
    "  FROM " IMPORT_INPUT " WHERE x.account IS NOT NULL"
    "   AND NOT EXISTS (SELECT FROM account a WHERE a.external_id = x.account)"
    " UNION ALL"
    " SELECT x.n, 'components', 'no component \"' || t || '\"' FROM " IMPORT_INPUT ","
    "   jsonb_array_elements_text(x.components) t"
    "  WHERE NOT EXISTS (SELECT FROM component c WHERE c.slug = t)"
    " UNION ALL"
    " SELECT x.n, 'groups', 'no group \"' || t || '\"' FROM " IMPORT_INPUT ","
    "   jsonb_array_elements_text(x.groups) t"
    "  WHERE NOT EXISTS (SELECT FROM component_group g WHERE g.slug = t)"
    " ORDER BY 1 LIMIT 100",
    .row = &import_fault_shape);

struct imported {
    int64_t id;
    int64_t n;
    bool created;
    bool sealed;
};
#define SHAPE_STRUCT struct imported
static const struct field imported_fields[] = {
    FIELD(INT, id), FIELD(INT, n), FIELD(BOOL, created), FIELD(BOOL, sealed)};
static const struct shape imported_shape = SHAPE("Imported", imported_fields);
#undef SHAPE_STRUCT

/* Of lines with the same address the last one counts. A new subscriber without components
 * and groups gets everything; a known one keeps what it had and gets what is listed. */
STMT(subscriber_import_write,
    "WITH input AS (SELECT DISTINCT ON (channel, hash) x.*, decode(hash, 'hex') AS address_hash"
    "    FROM " IMPORT_INPUT " ORDER BY channel, hash, n DESC),"
    " written AS (INSERT INTO subscriber AS s (channel, address, address_hash, state,"
    "     state_reason, locale, timezone, verbosity, account_id)"
    "   SELECT i.channel, i.address, i.address_hash,"
    "     CASE WHEN p.reason IS NULL THEN 'active' ELSE 'suppressed' END::subscriber_state,"
    "     p.reason, coalesce(i.locale, 'en'), coalesce(i.timezone, 'UTC'),"
    "     coalesce(i.verbosity, 'every'), a.id"
    "   FROM input i LEFT JOIN account a ON a.external_id = i.account"
    "     LEFT JOIN suppression p ON p.address_hash = i.address_hash"
    "   ORDER BY i.n"
    "   ON CONFLICT (channel, address_hash) DO UPDATE SET"
    "     state = 'active', locale = excluded.locale, timezone = excluded.timezone,"
    "     verbosity = excluded.verbosity, changed_at = now(),"
    "     account_id = coalesce(excluded.account_id, s.account_id)"
    "   WHERE s.state IN ('pending', 'active')"
    "   RETURNING s.id, s.channel, s.address_hash, s.xmax = 0 AS created, s.sealed),"
    " joined AS (SELECT w.id, w.created, w.sealed, i.* FROM written w"
    "   JOIN input i USING (channel, address_hash)),"
    " chosen AS ("
    "   SELECT j.id, 'component' AS kind, c.id AS target FROM joined j,"
    "     jsonb_array_elements_text(j.components) t JOIN component c ON c.slug = t"
    "   UNION SELECT j.id, 'group', g.id FROM joined j,"
    "     jsonb_array_elements_text(j.groups) t JOIN component_group g ON g.slug = t"
    "   UNION SELECT j.id, 'all', 0 FROM joined j WHERE j.created"
    "     AND coalesce(j.components, '[]') = '[]' AND coalesce(j.groups, '[]') = '[]'),"
    " subscribed AS (INSERT INTO subscription (subscriber_id, kind, target_id)"
    "   SELECT id, kind, target FROM chosen ON CONFLICT DO NOTHING),"
    " agreed AS (INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    "   SELECT id, address_hash, 'confirmed', '" CONSENT_WORDING "', 'import', $2 FROM joined)"
    " SELECT id, n, created, sealed IS NOT NULL AS sealed FROM joined",
    .row = &imported_shape);
STMT(subscriber_import_seal,
    "UPDATE subscriber s SET sealed = decode(x.address, 'hex'),"
    "    secret_sealed = coalesce(decode(x.secret, 'hex'), s.secret_sealed)"
    "  FROM jsonb_to_recordset($1::jsonb) AS x(id bigint, address text, secret text)"
    " WHERE s.id = x.id");

static void set_text(json_t *row, const char *name, const char *text)
{
    if (text)
        json_object_set_new(row, name, json_string(text));
}

static void set_texts(json_t *row, const char *name, struct texts texts)
{
    if (!texts.at)
        return;
    json_t *list = json_array();
    for (size_t i = 0; i < texts.n; i++)
        json_array_append_new(list, json_string(texts.at[i]));
    json_object_set_new(row, name, list);
}

static enum rc take(
    struct scope *s, const struct call *c, const json_t *line, int64_t number, json_t *rows)
{
    struct import_line in;
    struct address address;
    char hash[2 * SIGN_HASH + 1];
    TRY(shape_read(s, &import_line_shape, line, &in));
    TRY(address_check_reader(s, in.locale, in.timezone));
    if (!in.confirmed)
        return fail_field(s, RC_INVALID, "confirmed", "an import brings confirmed addresses only");
    TRY(address_check(s, c->api, in.channel, in.address, &address));
    if (address.bot)
        return fail_field(s, RC_INVALID, "address", "a bot needs a token, which no import brings");
    json_t *row = json_object();
    json_object_set_new(row, "n", json_integer(number));
    set_text(row, "channel", in.channel);
    set_text(row, "address", address.shown);
    set_text(row, "hash", sodium_bin2hex(hash, sizeof(hash), address.hash, SIGN_HASH));
    set_text(row, "url", address.secret ? address.normal : NULL);
    set_text(row, "locale", in.locale);
    set_text(row, "timezone", in.timezone);
    set_text(row, "verbosity", in.verbosity);
    set_text(row, "account", in.account);
    set_texts(row, "components", in.components);
    set_texts(row, "groups", in.groups);
    json_array_append_new(rows, row);
    return RC_OK;
}

struct writing {
    struct import *import;
    struct import_result *result;
};

static const json_t *row_of_line(const json_t *rows, int64_t n)
{
    size_t lo = 0, hi = json_array_size(rows);
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int64_t at = json_integer_value(json_object_get(json_array_get(rows, mid), "n"));
        if (at < n)
            lo = mid + 1;
        else
            hi = mid;
    }
    return json_array_get(rows, lo);
}

/* URLs are sealed with the id of their row, so after it is there. */
static enum rc seal(struct scope *s, struct db *db, struct import *import,
    const struct list *written, json_t *secrets)
{
    const struct imported *at = written->at;
    const struct api *api = import->c->api;
    json_t *sealed = json_own(s, json_array());
    for (size_t i = 0; i < written->n; i++) {
        const json_t *row = row_of_line(import->rows, at[i].n);
        const char *url = json_string_value(json_object_get(row, "url"));
        if (!url || at[i].sealed)
            continue;
        json_t *item = json_object();
        json_object_set_new(item, "id", json_integer(at[i].id));
        set_text(item, "address", address_seal(s, api, "address", at[i].id, url));
        if (!strcmp(json_string_value(json_object_get(row, "channel")), "webhook")) {
            char *secret = subscriber_secret(s);
            set_text(item, "secret", address_seal(s, api, "secret", at[i].id, secret));
            json_t *told = json_object();
            json_object_set_new(told, "line", json_integer(at[i].n));
            json_object_set_new(told, "id", json_integer(at[i].id));
            set_text(told, "secret", secret);
            json_array_append_new(secrets, told);
        }
        json_array_append_new(sealed, item);
    }
    if (!json_array_size(sealed))
        return RC_OK;
    return db_do(s, db, &subscriber_import_seal, PARAMS(P_TEXT(json_text(s, sealed))), NULL);
}

static enum rc write_all(struct scope *s, struct db *db, void *arg)
{
    const struct writing *writing = arg;
    struct import *import = writing->import;
    const char *rows = json_text(s, import->rows);
    struct list faults, written;
    TRY(import_unhurried(s, db));
    TRY(db_all(s, db, &subscriber_import_check, PARAMS(P_TEXT(rows)), &faults));
    json_array_clear(import->errors);
    for (size_t i = 0; i < faults.n; i++) {
        const struct import_fault *fault = (const struct import_fault *)faults.at + i;
        import_error(import, fault->line, fault->field, fault->detail);
    }
    TRY(import_verdict(import));
    TRY(db_all(s, db, &subscriber_import_write, PARAMS(P_TEXT(rows), P_TEXT(call_actor(import->c))),
        &written));
    json_t *secrets = json_own(s, json_array());
    TRY(seal(s, db, import, &written, secrets));
    int64_t created = 0;
    for (size_t i = 0; i < written.n; i++)
        created += ((const struct imported *)written.at)[i].created;
    *writing->result = (struct import_result){.created = created,
        .updated = (int64_t)written.n - created,
        .skipped = (int64_t)import->lines - (int64_t)written.n,
        .secrets = json_text(s, secrets),
        .errors = "[]"};
    return RC_OK;
}

enum rc subscriber_import(struct call *c)
{
    struct import import = {.c = c, .fn = take, .list_columns = list_columns};
    struct import_result result;
    TRY(import_read(&import));
    TRY(db_txn(c->s, c->db, write_all, &(struct writing){.import = &import, .result = &result}));
    return reply_object(c, &result);
}
