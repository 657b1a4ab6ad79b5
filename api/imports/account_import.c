/* POST /v1/accounts/import. A line is the whole account: its prices, components and contacts
 * replace those that the account has. */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/locale.h"
#include "api/imports/import.h"
#include "api/imports/imports.h"
#include "api/subscribers/address.h"
#include "core/clock.h"
#include "core/db/db_copy.h"
#include "core/json.h"
#include "core/money.h"

static const char *const intervals[] = {"month", "year", NULL};

#define PRICE_MAX 1000000000000000

SHAPE_STATIC(struct account_price, account_price_shape, "AccountPrice",
    FIELD(DATE, from, .required = true, .doc = "First local date of the price."),
    FIELD(INT, amount_minor, .required = true, .min = 0, .max = PRICE_MAX,
        .doc = "Minor units per interval."),
    FIELD(TEXT, plan, .min = 1, .max = 200, .doc = "Plan from then on; default: the account's."));

SHAPE_STATIC(struct account_product, account_product_shape, "AccountLine",
    FIELD(TEXT, product, .required = true, .min = 1, .max = 200, .doc = "Name of the product."),
    FIELD(TEXTS, components, .doc = "Slugs of its components; default: the account's."),
    FIELD(
        LIST, prices, .required = true, .of = &account_price_shape, .doc = "Price per interval."));

SHAPE_STATIC(struct account_term, account_term_shape, "AccountTerm",
    FIELD(DATE, from, .required = true, .doc = "First local date of the term."),
    FIELD(TEXT, interval, .required = true, .one_of = intervals, .doc = "Billing interval."),
    FIELD(DATE, anchor,
        .doc = "First day of a period, from which the others are counted; default: from."));

SHAPE_STATIC(struct account_contact, account_contact_shape, "AccountContact",
    FIELD(TEXT, email, .required = true, .min = 1, .max = 320, .doc = "E-mail address."),
    FIELD(TEXT, name, .min = 1, .max = 200, .doc = "Name in the greeting."),
    FIELD(TEXT, locale, .min = 2, .max = 35, .def = "en", .doc = "Language tag."),
    FIELD(BOOL, restore,
        .doc = "Bring back a contact whom the account removed on its page; without, they stay "
               "out."));

SHAPE_EXTERN(struct account_line, account_line_shape, "ImportedAccount",
    FIELD(TEXT, external_id, .required = true, .min = 1, .max = 200, .doc = "Id in your system."),
    FIELD(TEXT, name, .required = true, .min = 1, .max = 200, .doc = "Name of the customer."),
    FIELD(TEXT, currency, .required = true, .min = 3, .max = 3, .doc = "ISO 4217."),
    FIELD(TEXT, timezone, .required = true, .min = 1, .max = 60, .doc = "IANA name."),
    FIELD(TEXT, interval, .one_of = intervals, .doc = "Billing interval; required without terms."),
    FIELD(DATE, anchor, .doc = "First day of the first billing period; required without terms."),
    FIELD(LIST, terms, .of = &account_term_shape,
        .doc = "Intervals and anchors in turn, if they changed; instead of interval and anchor."),
    FIELD(LIST, prices, .of = &account_price_shape,
        .doc = "Price per interval; required without lines."),
    FIELD(LIST, lines, .of = &account_product_shape, .max = 100,
        .doc = "Price lines by product, in place of prices."),
    FIELD(JSON, labels, .form = FORM_OBJECT, .doc = "Texts by key, for policies and scopes."),
    FIELD(TEXT, plan, .min = 1, .max = 200, .doc = "Name of the plan."),
    FIELD(TEXTS, components, .doc = "Slugs of the components in use; default: all."),
    FIELD(LIST, contacts, .of = &account_contact_shape, .doc = "Recipients of credit notices."));

SHAPE_EXTERN(struct account_options, account_options_shape, "AccountImportOptions",
    FIELD(BOOL, dry_run, .def = "false", .doc = "Write nothing; report the outcome of each line."));

SHAPE_STATIC(struct altered, altered_shape, "AccountImportChange",
    FIELD(INT, line, .required = true, .doc = "Number of the line."),
    FIELD(TEXT, external_id, .required = true, .doc = "Your id."),
    FIELD(TEXT, outcome, .required = true, .doc = "created or updated."),
    FIELD(RAW, fields, .required = true, .form = FORM_TEXTS, .doc = "Fields that change."));
SHAPE_STATIC(struct dubious, dubious_shape, "AccountImportWarning",
    FIELD(INT, line, .required = true, .doc = "Number of the line."),
    FIELD(TEXT, external_id, .required = true, .doc = "Your id."),
    FIELD(TEXT, field, .required = true, .doc = "Field."),
    FIELD(TEXT, detail, .required = true, .doc = "Reason."));
SHAPE_STATIC(struct wrong, wrong_shape, "AccountImportError",
    FIELD(INT, line, .required = true, .doc = "Number of the line."),
    FIELD(TEXT, field, .required = true, .nullable = true, .doc = "Field."),
    FIELD(TEXT, detail, .required = true, .doc = "Reason."));

SHAPE_EXTERN(struct account_outcome, account_outcome_shape, "AccountImport",
    FIELD(BOOL, dry_run, .doc = "Nothing was written."),
    FIELD(INT, created, .required = true, .doc = "New accounts."),
    FIELD(INT, updated, .required = true, .doc = "Known accounts that change."),
    FIELD(INT, unchanged, .required = true, .doc = "Known accounts that stay the same."),
    FIELD(INT, invalid, .doc = "Invalid lines; an import with any writes nothing."),
    FIELD(INT, contacts_skipped, .required = true,
        .doc = "Contacts who stay out, because their account removed them on its page."),
    FIELD(RAW, changes, .form = FORM_LIST, .of = &altered_shape,
        .doc = "Of a dry run: the first hundred accounts created or updated."),
    FIELD(RAW, warnings, .form = FORM_LIST, .of = &dubious_shape,
        .doc = "The first hundred of accounts with a price before their first period, when nothing "
               "is owed, and of contacts who stay out."),
    FIELD(RAW, errors, .form = FORM_LIST, .of = &wrong_shape,
        .doc = "Of a dry run: the first hundred errors."));

STMT(account_stage_clear, "TRUNCATE account_stage");
/* Credits count against each other as numbers, so an account that has some keeps its currency. */
STMT(account_stage_check,
    "UPDATE account_stage s SET field = x.field, problem = x.problem FROM"
    "  (SELECT line, 'external_id' AS field,"
    "     '\"' || external_id || '\" is already in line ' || first AS problem"
    "   FROM (SELECT line, external_id, min(line) OVER (PARTITION BY external_id) AS first"
    "         FROM account_stage WHERE problem IS NULL) AS y WHERE line > first"
    "   UNION ALL"
    "   SELECT s.line, 'currency', 'is ' || a.currency || ', in which \"' || external_id"
    "     || '\" has credits; one in ' || s.currency || ' is another account'"
    "   FROM account_stage s JOIN account a USING (external_id) WHERE a.currency <> s.currency"
    "   AND EXISTS (SELECT FROM credit c WHERE c.account_id = a.id AND c.state <> 'void')) AS x"
    " WHERE s.line = x.line");
STMT(account_cohorts, "SELECT amends.cohort_refresh()");
STMT(account_import_compare,
    "SELECT out_created AS created, out_updated AS updated, out_unchanged AS unchanged,"
    "  out_invalid AS invalid, out_changes AS changes, out_errors AS errors,"
    "  out_skipped AS contacts_skipped, out_warnings AS warnings"
    " FROM amends.account_import_compare() CROSS JOIN amends.account_import_warnings()",
    .row = &account_outcome_shape);
STMT(account_import_write,
    "SELECT out_created AS created, out_updated AS updated, out_unchanged AS unchanged,"
    "  0 AS invalid, '[]' AS changes, '[]' AS errors,"
    "  out_skipped AS contacts_skipped, out_warnings AS warnings"
    " FROM amends.account_import_warnings() CROSS JOIN amends.account_import_write()",
    .row = &account_outcome_shape);
COPY_IN(account_stage_rows, "account_stage",
    "line, field, problem, external_id, name, currency, exponent, timezone, billing_interval,"
    " anchor, plan, component_ids, prices, contacts, terms, labels, lines");

static enum rc read_prices(struct scope *s, const char *where, struct list prices, json_t *list)
{
    const struct account_price *at = prices.at;
    for (size_t i = 0; i < prices.n; i++) {
        for (size_t k = 0; k < i; k++)
            if (!strcmp(at[k].from, at[i].from))
                return fail_field(s, RC_INVALID, scope_printf(s, "%s[%zu].from", where, i),
                    "two prices begin on %s", at[i].from);
        json_array_append_new(
            list, json_pack("{s:s, s:I, s:s*}", "from", at[i].from, "amount_minor",
                      (json_int_t)at[i].amount_minor, "plan", at[i].plan));
    }
    return RC_OK;
}

static int by_start(const void *a, const void *b)
{
    const struct account_term *x = a, *y = b;
    return strcmp(x->from, y->from);
}

static enum rc check_term(struct scope *s, size_t i, const struct account_term *term)
{
    if (strcmp(term->anchor, term->from) > 0)
        return fail_field(s, RC_INVALID, scope_printf(s, "terms[%zu].anchor", i),
            "is after %s, when the term begins", term->from);
    if (i && !strcmp(term[-1].from, term->from))
        return fail_field(s, RC_INVALID, scope_printf(s, "terms[%zu].from", i),
            "two terms begin on %s", term->from);
    return RC_OK;
}

/* Makes interval and anchor those of the last term. ret_list: JSON, or NULL if they say all. */
static enum rc read_terms(struct scope *s, struct account_line *line, const char **ret_list)
{
    struct account_term *at = line->terms.at;
    json_t *list = json_own(s, json_array());
    *ret_list = NULL;
    if (!line->terms.n) {
        if (!line->interval || !line->anchor)
            return fail_field(
                s, RC_INVALID, line->interval ? "anchor" : "interval", "is required without terms");
        return RC_OK;
    }
    for (size_t i = 0; i < line->terms.n; i++)
        if (!at[i].anchor)
            at[i].anchor = at[i].from;
    qsort(at, line->terms.n, sizeof *at, by_start);
    for (size_t i = 0; i < line->terms.n; i++) {
        TRY(check_term(s, i, at + i));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "from", at[i].from, "interval",
                                        at[i].interval, "anchor", at[i].anchor));
    }
    const struct account_term *last = at + line->terms.n - 1;
    line->interval = last->interval;
    line->anchor = last->anchor;
    if (line->terms.n > 1 || strcmp(last->from, last->anchor) != 0)
        *ret_list = json_text(s, list);
    return RC_OK;
}

static bool is_there(const json_t *list, const char *email)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        if (!strcmp(json_get_text(one, "email"), email))
            return true;
    }
    return false;
}

static enum rc read_contacts(
    struct scope *s, const struct api *api, struct list contacts, json_t *list)
{
    const struct account_contact *at = contacts.at;
    for (size_t i = 0; i < contacts.n; i++) {
        SCOPE(inner);
        struct address address;
        char hash[2 * SIGN_HASH + 1];
        if (address_check(inner, api, "email", at[i].email, &address) ||
            locale_check(inner, at[i].locale, NULL))
            return fail_field(s, RC_INVALID,
                scope_printf(s, "contacts[%zu].%s", i,
                    !strcmp(inner->fault.field, "locale") ? "locale" : "email"),
                "%s", inner->fault.message);
        if (is_there(list, address.normal))
            continue;
        sodium_bin2hex(hash, sizeof(hash), address.hash, SIGN_HASH);
        json_array_append_new(
            list, json_pack("{s:s, s:s*, s:s, s:s, s:b}", "email", address.normal, "name",
                      at[i].name, "locale", at[i].locale, "hash", hash, "restore", at[i].restore));
    }
    return RC_OK;
}

static enum rc check_names(struct scope *s, const struct account_line *in)
{
    if (!strcmp(in->external_id, "import")) /* POST /v1/accounts/import */
        return fail_field(s, RC_INVALID, "external_id", "\"import\" is reserved");
    if (money_exponent(in->currency) < 0 || !strcmp(in->currency, "DAY"))
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

/* Ids of slugs, ascending, without duplicates. */
static enum rc read_components(struct scope *s, const struct import *import, struct texts slugs,
    int64_t **ret_ids, size_t *ret_n)
{
    int64_t *ids = SCOPE_ARRAY(s, int64_t, slugs.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < slugs.n; i++) {
        ids[i] = import_word(s, import, "component", slugs.at[i]);
        if (!ids[i])
            return fail_field(s, RC_INVALID, "components", "no component \"%.100s\"", slugs.at[i]);
    }
    qsort(ids, slugs.n, sizeof *ids, by_size);
    for (size_t i = 0; i < slugs.n; i++)
        if (!n || ids[n - 1] != ids[i])
            ids[n++] = ids[i];
    *ret_ids = ids;
    *ret_n = n;
    return RC_OK;
}

/* ret_text: JSON, or NULL without price lines. */
static enum rc read_lines(struct scope *s, const struct import *import,
    const struct account_line *line, const char **ret_text)
{
    const struct account_product *at = line->lines.at;
    json_t *list = json_own(s, json_array());
    if (!line->prices.at && !line->lines.n)
        return fail_field(s, RC_INVALID, "prices", "is required without lines");
    for (size_t i = 0; i < line->lines.n; i++) {
        json_t *prices = json_array(), *slugs = json_array();
        json_t *one = json_pack(
            "{s:s, s:o, s:o}", "product", at[i].product, "components", slugs, "prices", prices);
        json_array_append_new(list, one);
        TRY(read_prices(s, scope_printf(s, "lines[%zu].prices", i), at[i].prices, prices));
        for (size_t k = 0; k < at[i].components.n; k++) {
            const char *slug = at[i].components.at[k];
            if (!import_word(s, import, "component", slug))
                return fail_field(s, RC_INVALID, scope_printf(s, "lines[%zu].components", i),
                    "no component \"%.100s\"", slug);
            json_array_append_new(slugs, json_string(slug));
        }
    }
    *ret_text = line->lines.n ? json_text(s, list) : NULL;
    return RC_OK;
}

static enum rc read_labels(struct scope *s, const json_t *labels, const char **ret_text)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)labels, key, value)
    {
        if (!json_is_string(value))
            return fail_field(
                s, RC_INVALID, scope_printf(s, "labels.%.100s", key), "must be a text");
    }
    if (labels && !json_is_object(labels))
        return fail_field(s, RC_INVALID, "labels", "must be an object of texts");
    *ret_text = json_object_size(labels) ? json_text(s, labels) : NULL;
    return RC_OK;
}

static enum rc take(struct scope *s, struct import *import, const void *line, int64_t number)
{
    struct account_line own = *(const struct account_line *)line, *in = &own;
    const char *terms, *labels, *lines;
    int64_t *ids;
    size_t n;
    json_t *prices = json_own(s, json_array()), *contacts = json_own(s, json_array());
    TRY(check_names(s, in));
    TRY(read_components(s, import, in->components, &ids, &n));
    TRY(read_terms(s, in, &terms));
    TRY(read_prices(s, "prices", in->prices, prices));
    TRY(read_lines(s, import, in, &lines));
    TRY(read_labels(s, in->labels, &labels));
    TRY(read_contacts(s, import->api, in->contacts, contacts));
    import->to_check++;
    struct db_copy *copy = import_row(import, number);
    db_copy_text(copy, in->external_id);
    db_copy_text(copy, in->name);
    db_copy_text(copy, in->currency);
    db_copy_int(copy, money_exponent(in->currency));
    db_copy_text(copy, in->timezone);
    db_copy_text(copy, in->interval);
    db_copy_text(copy, in->anchor);
    db_copy_text(copy, in->plan);
    db_copy_ints(copy, ids, n);
    db_copy_text(copy, json_text(s, prices));
    db_copy_text(copy, json_text(s, contacts));
    db_copy_text(copy, terms);
    db_copy_text(copy, labels);
    db_copy_text(copy, lines);
    return RC_OK;
}

static const struct import_kind account_kind = {
    .line = &account_line_shape,
    .take = take,
    .table = "account_stage",
    .stage = &account_stage_rows,
    .check = &account_stage_check,
    .clear = &account_stage_clear,
    .lock = LOCK_ACCOUNT_STAGE,
};

struct account_import {
    struct import import;
    struct call *c;
    struct account_outcome outcome;
};

static enum rc run(struct scope *s, struct db *db, void *arg)
{
    struct account_import *job = arg;
    struct import *import = &job->import;
    struct account_outcome *outcome = &job->outcome;
    TRY(import_stage(s, db, import));
    TRY(db_do(s, db, &account_cohorts, NO_PARAMS, NULL));
    bool write = !import->dry_run && !import->refused;
    TRY(db_one(s, db, write ? &account_import_write : &account_import_compare, NO_PARAMS, outcome));
    outcome->dry_run = import->dry_run;
    outcome->invalid += import->unlisted;
    if (import->refused) {
        job->c->errors = outcome->errors;
        return fail(s, RC_INVALID,
            "%" PRId64 " of %" PRId64 " lines are invalid; nothing was written", import->wrong,
            import->lines);
    }
    TRY(db_do(s, db, account_kind.clear, NO_PARAMS, NULL));
    return import->dry_run ? RC_OK
                           : audit_add(s, db, call_actor(job->c), "accounts.import", "account",
                                 scope_printf(s, "{\"lines\":%" PRId64 "}", import->lines));
}

enum rc account_import(struct call *c)
{
    const struct account_options *options = c->query;
    struct account_import job = {
        .import = {.kind = &account_kind,
            .api = c->api,
            .in = c->request->upload,
            .csv = import_is_csv(c->request, NULL),
            .dry_run = options->dry_run},
        .c = c,
    };
    TRY(db_txn(c->s, c->db, run, &job));
    return reply_object(c, &job.outcome);
}
