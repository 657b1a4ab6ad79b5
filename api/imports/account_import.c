/* POST /v1/accounts/import: NDJSON or CSV, streamed into account_stage, written as a set, all or
 * none. A line is the whole account: its prices, components and contacts replace what stood. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "api/call/locale.h"
#include "api/call/audit_log.h"
#include "api/subscribers/address.h"
#include "api/imports/import.h"
#include "api/imports/imports.h"
#include "core/clock.h"
#include "core/db/db_copy.h"
#include "core/json.h"
#include "core/money.h"

static const char *const intervals[] = {"month", "year", NULL};

#define PRICE_MAX 1000000000000000

struct account_price {
    const char *from;
    int64_t amount_minor;
};
static const struct shape account_price_shape = SHAPE("AccountPrice", struct account_price,
    FIELD(DATE, from, .required = true, .doc = "Local date from which it holds."),
    FIELD(INT, amount_minor, .required = true, .min = 0, .max = PRICE_MAX,
        .doc = "Minor units per interval."));

struct account_contact {
    const char *email;
    const char *name;
    const char *locale;
};
static const struct shape account_contact_shape = SHAPE("AccountContact", struct account_contact,
    FIELD(TEXT, email, .required = true, .min = 1, .max = 320, .doc = "Address."),
    FIELD(TEXT, name, .min = 1, .max = 200, .doc = "Name for the greeting."),
    FIELD(TEXT, locale, .min = 2, .max = 35, .def = "en", .doc = "Language tag."));

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
const struct shape account_line_shape = SHAPE("ImportedAccount", struct account_line,
    FIELD(TEXT, external_id, .required = true, .min = 1, .max = 200, .doc = "Your id."),
    FIELD(TEXT, name, .required = true, .min = 1, .max = 200, .doc = "Who it is."),
    FIELD(TEXT, currency, .required = true, .min = 3, .max = 3, .doc = "ISO 4217."),
    FIELD(TEXT, timezone, .required = true, .min = 1, .max = 60, .doc = "IANA name."),
    FIELD(TEXT, interval, .required = true, .one_of = intervals, .doc = "How often they pay."),
    FIELD(DATE, anchor, .required = true, .doc = "First day of the first period."),
    FIELD(LIST, prices, .required = true, .of = &account_price_shape, .doc = "What they pay."),
    FIELD(TEXT, plan, .min = 1, .max = 200, .doc = "Name of the plan."),
    FIELD(TEXTS, components, .doc = "What they use; absent or empty: everything."),
    FIELD(LIST, contacts, .of = &account_contact_shape, .doc = "Who gets credit notices."));

struct import_options_account {
    bool dry_run;
};
const struct shape account_options_shape =
    SHAPE("AccountImportOptions", struct import_options_account,
        FIELD(BOOL, dry_run, .def = "false",
            .doc = "Write nothing; tell what would become of the lines."));

struct account_outcome {
    bool dry_run;
    int64_t created, updated, unchanged, invalid;
    const char *changes;
    const char *errors;
};
const struct shape account_outcome_shape = SHAPE("AccountImport", struct account_outcome,
    FIELD(BOOL, dry_run, .doc = "Nothing was written."),
    FIELD(INT, created, .required = true, .doc = "New accounts."),
    FIELD(INT, updated, .required = true, .doc = "Known ones that differ."),
    FIELD(INT, unchanged, .required = true, .doc = "Known ones as they are."),
    FIELD(INT, invalid, .doc = "Lines that are wrong; with any, an import writes nothing."),
    FIELD(RAW, changes,
        .doc = "Of a dry run: [{line, external_id, outcome, fields}], the first hundred lines that"
               " are created or updated, and what of them would change."),
    FIELD(RAW, errors, .doc = "Of a dry run: [{line, field, detail}], the first hundred."));

struct account_counts {
    int64_t created, updated, unchanged;
    const char *changes;
};
static const struct shape account_counts_shape = SHAPE("AccountCounts", struct account_counts,
    FIELD(INT, created), FIELD(INT, updated), FIELD(INT, unchanged), FIELD(RAW, changes));

/* One at a time: the stage is one. */
STMT(account_stage_turn, "SELECT pg_advisory_xact_lock(4181)");
STMT(account_stage_clear, "TRUNCATE account_stage");
STMT(account_stage_measure, "SELECT amends.stage_measure('account_stage')");
STMT(account_stage_twice,
    "SELECT line, 'external_id' AS field,"
    "  '\"' || external_id || '\" stands already in line ' || first AS detail"
    " FROM (SELECT line, external_id, min(line) OVER (PARTITION BY external_id) AS first"
    "       FROM account_stage) AS x WHERE line > first ORDER BY line",
    .row = &import_fault_shape);
/* Credits count against each other as numbers, so an account that has some keeps its currency. */
STMT(account_stage_currency,
    "SELECT s.line, 'currency' AS field, 'is ' || a.currency || ', in which \"' || external_id"
    "  || '\" has credits; one in ' || s.currency || ' is another account' AS detail"
    " FROM account_stage s JOIN account a USING (external_id) WHERE a.currency <> s.currency"
    " AND EXISTS (SELECT FROM credit c WHERE c.account_id = a.id AND c.state <> 'void')"
    " ORDER BY line",
    .row = &import_fault_shape);
STMT(account_cohorts, "SELECT amends.cohort_refresh()");
STMT(account_stage_judge,
    "WITH judged AS MATERIALIZED (SELECT line, external_id, changes,"
    "   CASE WHEN account_id IS NULL THEN 'created' WHEN changes = '{}' THEN 'unchanged'"
    "     ELSE 'updated' END AS outcome FROM amends.account_verdict WHERE nth = 1)"
    " SELECT count(*) FILTER (WHERE outcome = 'created') AS created,"
    "  count(*) FILTER (WHERE outcome = 'updated') AS updated,"
    "  count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged,"
    "  (SELECT coalesce(json_agg(t ORDER BY t.line), '[]') FROM (SELECT line, external_id, outcome,"
    "     CASE outcome WHEN 'created' THEN '{}' ELSE changes END AS fields FROM judged"
    "     WHERE outcome <> 'unchanged' ORDER BY line LIMIT 100) AS t) AS changes"
    " FROM judged",
    .row = &account_counts_shape);
STMT(account_stage_write,
    "SELECT out_created AS created, out_updated AS updated, out_unchanged AS unchanged"
    " FROM amends.account_import_write()",
    .row = &account_counts_shape);
struct component_word {
    int64_t id;
    const char *slug;
};
static const struct shape component_word_shape =
    SHAPE("ComponentWord", struct component_word, FIELD(INT, id), FIELD(TEXT, slug));

STMT(account_words, "SELECT id, slug FROM component", .row = &component_word_shape);
COPY_IN(account_stage_rows, "account_stage",
    "line, external_id, name, currency, exponent, timezone, billing_interval, anchor, plan,"
    " component_ids, prices, contacts");

/* What one import goes through. */
struct intake {
    struct import import; /* first */
    struct db_copy copy;
    json_t *words; /* slug to id */
    struct account_outcome outcome;
    bool dry_run;
};

static void set_text(json_t *row, const char *name, const char *text)
{
    if (text)
        json_object_set_new(row, name, json_string(text));
}

static enum rc read_prices(struct scope *s, struct list prices, json_t *list)
{
    const struct account_price *at = prices.at;
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

static bool is_there(const json_t *list, const char *email)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        if (!strcmp(json_string_value(json_object_get(one, "email")), email))
            return true;
    }
    return false;
}

static enum rc read_contacts(
    struct scope *s, const struct call *c, struct list contacts, json_t *list)
{
    const struct account_contact *at = contacts.at;
    for (size_t i = 0; i < contacts.n; i++) {
        SCOPE(inner);
        struct address address;
        char hash[2 * SIGN_HASH + 1];
        if (address_check(inner, c->api, "email", at[i].email, &address) ||
            locale_check(inner, at[i].locale, NULL))
            return fail_field(s, RC_INVALID,
                scope_printf(s, "contacts[%zu].%s", i,
                    !strcmp(inner->fault.field, "locale") ? "locale" : "email"),
                "%s", inner->fault.message);
        if (is_there(list, address.normal))
            continue;
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

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Slugs to ids, ascending, each once. */
static enum rc read_components(struct scope *s, const struct intake *intake, struct texts slugs,
    int64_t **ret_ids, size_t *ret_n)
{
    int64_t *ids = SCOPE_ARRAY(s, int64_t, slugs.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < slugs.n; i++) {
        const json_t *id = json_object_get(intake->words, slugs.at[i]);
        if (!id)
            return fail_field(s, RC_INVALID, "components", "no component \"%.100s\"", slugs.at[i]);
        ids[i] = json_integer_value(id);
    }
    qsort(ids, slugs.n, sizeof *ids, by_size);
    for (size_t i = 0; i < slugs.n; i++)
        if (!n || ids[n - 1] != ids[i])
            ids[n++] = ids[i];
    *ret_ids = ids;
    *ret_n = n;
    return RC_OK;
}

/* A CSV record says prices as "FROM:MINOR FROM:MINOR" and contacts as addresses. */
static json_t *unfold(struct scope *s, const json_t *line)
{
    json_t *whole = json_own(s, json_copy((json_t *)line));
    static const char *const names[] = {"prices", "contacts"};
    for (int which = 0; which < 2; which++) {
        json_t *words = json_object_get(whole, names[which]), *list, *word;
        size_t i;
        if (!words || !json_is_string(json_array_get(words, 0)))
            continue;
        list = json_array();
        json_array_foreach(words, i, word)
        {
            const char *text = json_string_value(word), *colon = strchr(text, ':');
            char *end = NULL;
            json_t *entry = json_object();
            json_array_append_new(list, entry);
            if (which) {
                set_text(entry, "email", text);
                continue;
            }
            set_text(entry, "from", colon ? scope_strndup(s, text, (size_t)(colon - text)) : text);
            long long minor = colon ? strtoll(colon + 1, &end, 10) : 0;
            if (colon && end > colon + 1 && !*end)
                json_object_set_new(entry, "amount_minor", json_integer(minor));
        }
        json_object_set_new(whole, names[which], list);
    }
    return whole;
}

/* Everything is checked before the first value of the row is copied. */
static enum rc take(struct scope *s, void *arg, const json_t *line, int64_t number)
{
    struct intake *intake = arg;
    struct account_line in;
    int64_t *ids;
    size_t n;
    json_t *prices = json_own(s, json_array()), *contacts = json_own(s, json_array());
    TRY(shape_read(s, &account_line_shape, unfold(s, line), &in));
    TRY(check(s, &in));
    TRY(read_components(s, intake, in.components, &ids, &n));
    TRY(read_prices(s, in.prices, prices));
    TRY(read_contacts(s, intake->import.c, in.contacts, contacts));
    struct db_copy *copy = &intake->copy;
    db_copy_int(copy, number);
    db_copy_text(copy, in.external_id);
    db_copy_text(copy, in.name);
    db_copy_text(copy, in.currency);
    db_copy_int(copy, money_exponent(in.currency));
    db_copy_text(copy, in.timezone);
    db_copy_text(copy, in.interval);
    db_copy_text(copy, in.anchor);
    db_copy_text(copy, in.plan);
    db_copy_ints(copy, ids, n);
    db_copy_text(copy, json_text(s, prices));
    db_copy_text(copy, json_text(s, contacts));
    return db_copy_row(s, copy);
}

static enum rc load_words(struct scope *s, struct db *db, struct intake *intake)
{
    struct list words;
    intake->words = json_own(s, json_object());
    TRY(db_all(s, db, &account_words, NO_PARAMS, &words));
    for (size_t i = 0; i < words.n; i++) {
        const struct component_word *word = (const struct component_word *)words.at + i;
        json_object_set_new(intake->words, word->slug, json_integer(word->id));
    }
    return RC_OK;
}

static enum rc note_fault(struct scope *s, const void *row, void *arg)
{
    const struct import_fault *fault = row;
    (void)s;
    import_error(arg, fault->line, fault->field, fault->detail);
    return RC_OK;
}

static enum rc write_all(struct scope *s, struct db *db, void *arg)
{
    struct intake *intake = arg;
    struct import *import = &intake->import;
    struct account_counts counts = {0};
    TRY(db_unhurried(s, db));
    TRY(db_do(s, db, &account_stage_turn, NO_PARAMS, NULL));
    TRY(db_do(s, db, &account_stage_clear, NO_PARAMS, NULL));
    TRY(load_words(s, db, intake));
    TRY(db_copy_begin(s, db, &account_stage_rows, &intake->copy));
    import_read(import);
    TRY(db_copy_end(s, &intake->copy, RC_OK));
    TRY(db_do(s, db, &account_stage_measure, NO_PARAMS, NULL));
    TRY(db_each(s, db, &account_stage_twice, NO_PARAMS, note_fault, import));
    TRY(db_each(s, db, &account_stage_currency, NO_PARAMS, note_fault, import));
    if (!intake->dry_run)
        TRY(import_verdict(import));
    TRY(db_do(s, db, &account_cohorts, NO_PARAMS, NULL));
    TRY(db_one(
        s, db, intake->dry_run ? &account_stage_judge : &account_stage_write, NO_PARAMS, &counts));
    TRY(db_do(s, db, &account_stage_clear, NO_PARAMS, NULL));
    intake->outcome = (struct account_outcome){.dry_run = intake->dry_run,
        .created = counts.created,
        .updated = counts.updated,
        .unchanged = counts.unchanged,
        .invalid = (int64_t)import->wrong,
        .changes = counts.changes ? counts.changes : "[]",
        .errors = json_text(s, import->errors)};
    if (intake->dry_run)
        return RC_OK;
    return audit_add(s, db, call_actor(import->c), "accounts.import", "account",
        scope_printf(s, "{\"lines\":%zu}", import->lines));
}

enum rc account_import(struct call *c)
{
    static const char *const lists[] = {"prices", "components", "contacts", NULL};
    const struct import_options_account *options = c->query;
    struct intake intake = {.dry_run = options->dry_run};
    intake.import = (struct import){.c = c, .fn = take, .arg = &intake, .list_columns = lists};
    TRY(db_txn(c->s, c->db, write_all, &intake));
    return reply_object(c, &intake.outcome);
}
