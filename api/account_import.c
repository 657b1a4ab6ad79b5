/* POST /v1/accounts/import: NDJSON, set-based, all or none. A line is the whole account:
 * its prices, components and contacts replace what stood. */
#include <sodium.h>
#include <string.h>

#include "api/address.h"
#include "api/import.h"
#include "api/lookup.h"
#include "api/resources.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"

static const char *const intervals[] = {"month", "year", NULL};

#define PRICE_MAX 1000000000000000

struct account_price {
    const char *from;
    int64_t amount_minor;
};
#define SHAPE_STRUCT struct account_price
static const struct field account_price_fields[] = {
    FIELD(DATE, from, .required = true, .doc = "Local date from which it holds."),
    FIELD(INT, amount_minor, .required = true, .min = 0, .max = PRICE_MAX,
        .doc = "Minor units per interval."),
};
static const struct shape account_price_shape = SHAPE("AccountPrice", account_price_fields);
#undef SHAPE_STRUCT

struct account_contact {
    const char *email;
    const char *name;
    const char *locale;
};
#define SHAPE_STRUCT struct account_contact
static const struct field account_contact_fields[] = {
    FIELD(TEXT, email, .required = true, .min = 1, .max = 320, .doc = "Address."),
    FIELD(TEXT, name, .min = 1, .max = 200, .doc = "Name for the greeting."),
    FIELD(TEXT, locale, .min = 2, .max = 35, .def = "en", .doc = "Language tag."),
};
static const struct shape account_contact_shape = SHAPE("AccountContact", account_contact_fields);
#undef SHAPE_STRUCT

struct account_line {
    const char *external_id;
    const char *name;
    const char *currency;
    const char *timezone;
    const char *interval;
    const char *anchor;
    struct list prices;
    const char *plan;
    struct texts components;
    struct list contacts;
};
#define SHAPE_STRUCT struct account_line
static const struct field account_line_fields[] = {
    FIELD(TEXT, external_id, .required = true, .min = 1, .max = 200, .doc = "Your id."),
    FIELD(TEXT, name, .required = true, .min = 1, .max = 200, .doc = "Who it is."),
    FIELD(TEXT, currency, .required = true, .min = 3, .max = 3, .doc = "ISO 4217."),
    FIELD(TEXT, timezone, .required = true, .min = 1, .max = 60, .doc = "IANA name."),
    FIELD(TEXT, interval, .required = true, .one_of = intervals, .doc = "How often they pay."),
    FIELD(DATE, anchor, .required = true, .doc = "First day of the first period."),
    FIELD(LIST, prices, .required = true, .of = &account_price_shape, .doc = "What they pay."),
    FIELD(TEXT, plan, .min = 1, .max = 200, .doc = "Name of the plan."),
    FIELD(TEXTS, components, .doc = "What they use; absent or empty: everything."),
    FIELD(LIST, contacts, .of = &account_contact_shape, .doc = "Who gets credit notices."),
};
const struct shape account_line_shape = SHAPE("ImportedAccount", account_line_fields);
#undef SHAPE_STRUCT

struct account_counts {
    int64_t created;
    int64_t written;
};
#define SHAPE_STRUCT struct account_counts
static const struct field account_counts_fields[] = {FIELD(INT, created), FIELD(INT, written)};
static const struct shape account_counts_shape = SHAPE("AccountCounts", account_counts_fields);
#undef SHAPE_STRUCT

STMT(account_import_check,
    "SELECT x.n AS line, 'components' AS field, 'no component \"' || t || '\"' AS detail"
    "  FROM jsonb_to_recordset($1::jsonb) AS x(n bigint, components jsonb),"
    "    jsonb_array_elements_text(x.components) t"
    " WHERE NOT EXISTS (SELECT FROM component c WHERE c.slug = t) LIMIT 100",
    .row = &import_fault_shape);
STMT(account_import_write,
    "WITH written AS (INSERT INTO account (external_id, name, currency, exponent, timezone,"
    "    billing_interval, anchor, plan)"
    "  SELECT x.external_id, x.name, x.currency, x.exponent, x.timezone, x.interval, x.anchor,"
    "    x.plan FROM jsonb_to_recordset($1::jsonb) AS x(external_id text, name text,"
    "      currency text, exponent smallint, timezone text, interval text, anchor date, plan text)"
    "  ON CONFLICT (external_id) DO UPDATE SET name = excluded.name, currency = excluded.currency,"
    "    exponent = excluded.exponent, timezone = excluded.timezone,"
    "    billing_interval = excluded.billing_interval, anchor = excluded.anchor,"
    "    plan = excluded.plan, changed_at = now()"
    "  RETURNING xmax = 0 AS created)"
    " SELECT count(*) FILTER (WHERE created) AS created, count(*) AS written FROM written",
    .row = &account_counts_shape);
STMT(account_import_clear,
    "WITH a AS (SELECT id FROM account WHERE external_id IN (SELECT x.external_id"
    "     FROM jsonb_to_recordset($1::jsonb) AS x(external_id text))),"
    " c AS (DELETE FROM account_component WHERE account_id IN (SELECT id FROM a))"
    " DELETE FROM account_price WHERE account_id IN (SELECT id FROM a)");
STMT(account_import_prices,
    "INSERT INTO account_price (account_id, valid_from, amount_minor)"
    " SELECT a.id, p.from, p.amount_minor"
    "   FROM jsonb_to_recordset($1::jsonb) AS x(external_id text, prices jsonb)"
    "   JOIN account a USING (external_id),"
    "   jsonb_to_recordset(x.prices) AS p(\"from\" date, amount_minor bigint)");
STMT(account_import_components,
    "INSERT INTO account_component (account_id, component_id)"
    " SELECT DISTINCT a.id, c.id"
    "   FROM jsonb_to_recordset($1::jsonb) AS x(external_id text, components jsonb)"
    "   JOIN account a USING (external_id), jsonb_array_elements_text(x.components) t"
    "   JOIN component c ON c.slug = t");
/* A contact keeps its id for as long as its address stays: deliveries name it. */
STMT(account_import_contacts,
    "WITH input AS (SELECT DISTINCT ON (a.id, k.email) a.id AS account_id, k.*"
    "    FROM jsonb_to_recordset($1::jsonb) AS x(external_id text, contacts jsonb)"
    "    JOIN account a USING (external_id), jsonb_to_recordset(x.contacts)"
    "      AS k(email text, name text, locale text, hash text)),"
    " gone AS (DELETE FROM account_contact c USING account a, jsonb_to_recordset($1::jsonb)"
    "      AS x(external_id text) WHERE a.external_id = x.external_id AND c.account_id = a.id"
    "     AND NOT EXISTS (SELECT FROM input i WHERE i.account_id = a.id AND i.email = c.email))"
    " INSERT INTO account_contact (account_id, email, name, locale, address_hash)"
    " SELECT account_id, email, name, locale, decode(hash, 'hex') FROM input"
    " ON CONFLICT (account_id, email) DO UPDATE SET name = excluded.name,"
    "   locale = excluded.locale, address_hash = excluded.address_hash");

static void set_text(json_t *row, const char *name, const char *text)
{
    if (text)
        json_object_set_new(row, name, json_string(text));
}

static enum rc add_prices(struct scope *s, json_t *row, struct list prices)
{
    const struct account_price *at = prices.at;
    json_t *list = json_array();
    json_object_set_new(row, "prices", list);
    for (size_t i = 0; i < prices.n; i++) {
        for (size_t k = 0; k < i; k++)
            if (!strcmp(at[k].from, at[i].from))
                return fail_field(s, RC_INVALID, scope_printf(s, "prices[%zu].from", i),
                    "two prices begin on %s", at[i].from);
        json_t *price = json_object();
        set_text(price, "from", at[i].from);
        json_object_set_new(price, "amount_minor", json_integer(at[i].amount_minor));
        json_array_append_new(list, price);
    }
    return RC_OK;
}

static enum rc add_contacts(
    struct scope *s, const struct call *c, json_t *row, struct list contacts)
{
    const struct account_contact *at = contacts.at;
    json_t *list = json_array();
    json_object_set_new(row, "contacts", list);
    for (size_t i = 0; i < contacts.n; i++) {
        SCOPE(inner);
        struct address address;
        char hash[2 * SIGN_HASH + 1];
        if (address_check(inner, c->api, "email", at[i].email, &address) ||
            address_check_reader(inner, at[i].locale, NULL))
            return fail_field(s, RC_INVALID,
                scope_printf(s, "contacts[%zu].%s", i,
                    !strcmp(inner->fault.field, "locale") ? "locale" : "email"),
                "%s", inner->fault.message);
        json_t *contact = json_object();
        set_text(contact, "email", address.normal);
        set_text(contact, "name", at[i].name);
        set_text(contact, "locale", at[i].locale);
        set_text(contact, "hash", sodium_bin2hex(hash, sizeof(hash), address.hash, SIGN_HASH));
        json_array_append_new(list, contact);
    }
    return RC_OK;
}

static enum rc check(struct scope *s, const struct account_line *in)
{
    if (money_exponent(in->currency) < 0)
        return fail_field(s, RC_INVALID, "currency", "no currency \"%s\"", in->currency);
    if (!clock_is_zone(in->timezone))
        return fail_field(s, RC_INVALID, "timezone", "no time zone \"%s\"", in->timezone);
    return RC_OK;
}

static bool stands_already(const json_t *rows, const char *external_id)
{
    size_t n = json_array_size(rows);
    const json_t *index = n ? json_object_get(json_array_get(rows, 0), "ids") : NULL;
    return index && json_object_get(index, external_id);
}

/* The first row carries the ids that were seen. */
static void remember(json_t *rows, const char *external_id)
{
    json_t *first = json_array_get(rows, 0);
    if (!json_object_get(first, "ids"))
        json_object_set_new(first, "ids", json_object());
    json_object_set_new(json_object_get(first, "ids"), external_id, json_true());
}

static enum rc take(
    struct scope *s, const struct call *c, const json_t *line, int64_t number, json_t *rows)
{
    struct account_line in;
    TRY(shape_read(s, &account_line_shape, line, &in));
    TRY(check(s, &in));
    if (stands_already(rows, in.external_id))
        return fail_field(s, RC_INVALID, "external_id", "\"%s\" stands twice", in.external_id);
    json_t *row = json_object();
    json_array_append_new(rows, row);
    remember(rows, in.external_id);
    json_object_set_new(row, "n", json_integer(number));
    set_text(row, "external_id", in.external_id);
    set_text(row, "name", in.name);
    set_text(row, "currency", in.currency);
    json_object_set_new(row, "exponent", json_integer(money_exponent(in.currency)));
    set_text(row, "timezone", in.timezone);
    set_text(row, "interval", in.interval);
    set_text(row, "anchor", in.anchor);
    set_text(row, "plan", in.plan);
    json_t *components = json_array();
    json_object_set_new(row, "components", components);
    for (size_t i = 0; i < in.components.n; i++)
        json_array_append_new(components, json_string(in.components.at[i]));
    TRY(add_prices(s, row, in.prices));
    return add_contacts(s, c, row, in.contacts);
}

struct writing {
    struct import *import;
    struct import_result *result;
};

static enum rc write_all(struct scope *s, struct db *db, void *arg)
{
    const struct writing *writing = arg;
    struct import *import = writing->import;
    struct param rows = P_TEXT(json_text(s, import->rows));
    struct list faults;
    struct account_counts counts;
    TRY(import_unhurried(s, db));
    TRY(db_all(s, db, &account_import_check, PARAMS(rows), &faults));
    json_array_clear(import->errors);
    for (size_t i = 0; i < faults.n; i++) {
        const struct import_fault *fault = (const struct import_fault *)faults.at + i;
        import_error(import, fault->line, fault->field, fault->detail);
    }
    TRY(import_verdict(import));
    TRY(db_one(s, db, &account_import_write, PARAMS(rows), &counts));
    TRY(db_do(s, db, &account_import_clear, PARAMS(rows), NULL));
    TRY(db_do(s, db, &account_import_prices, PARAMS(rows), NULL));
    TRY(db_do(s, db, &account_import_components, PARAMS(rows), NULL));
    TRY(db_do(s, db, &account_import_contacts, PARAMS(rows), NULL));
    *writing->result = (struct import_result){.created = counts.created,
        .updated = counts.written - counts.created,
        .skipped = 0,
        .errors = "[]"};
    return audit_add(s, db, call_actor(import->c), "accounts.import", "account",
        scope_printf(s, "{\"lines\":%zu}", import->lines));
}

enum rc account_import(struct call *c)
{
    struct import import = {.c = c, .fn = take};
    struct import_result result;
    TRY(import_read(&import));
    json_object_del(json_array_get(import.rows, 0), "ids");
    TRY(db_txn(c->s, c->db, write_all, &(struct writing){.import = &import, .result = &result}));
    return reply_object(c, &result);
}
