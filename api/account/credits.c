/* /a/{token}/credits: the credits of the account, and each with its statement. */
#include "api/account/credits.h"

#include <string.h>

#include "api/account/account.h"
#include "api/account/visit.h"
#include "api/call/page.h"
#include "api/http/language.h"
#include "api/readers/statement.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"
#include "templates/translation.h"

enum { SHOWN = 100 };

SHAPE_STATIC(struct hit, hit_shape, "AccountCreditIncident",
    FIELD(TEXT, ref, .required = true, .doc = "ref."),
    FIELD(TEXT, title, .required = true, .doc = "Title."));
SHAPE_STATIC(struct line, line_shape, "AccountCreditLine",
    FIELD(DATE, period_from, .required = true, .doc = "First day of the period."),
    FIELD(DATE, period_to, .required = true, .doc = "Day after the last."),
    FIELD(INT, amount_minor, .required = true, .doc = "Amount of the line."),
    FIELD(TEXT, weighted_seconds, .required = true, .nullable = true,
        .doc = "Weighted downtime; a decimal number as text."));
const struct shape account_credit_shape = SHAPE("AccountCredit", struct account_credit,
    FIELD(INT, id, .required = true, .doc = "Id of the credit; never changes."),
    FIELD(INT, amount_minor, .required = true, .doc = "Amount in minor units."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(TIME, issued_at, .required = true, .doc = "Time of issue."),
    FIELD(TEXT, state, .required = true,
        .doc = "issued; acknowledged: billing has it; applied: it is on an invoice; reversed."),
    FIELD(TEXT, reference, .doc = "Billing's reference."),
    FIELD(RAW, incidents, .required = true, .form = FORM_LIST, .of = &hit_shape,
        .doc = "Those that hit the account; empty: goodwill."),
    FIELD(RAW, translations, .secret = true, .doc = "For the page."),
    FIELD(RAW, lines, .required = true, .form = FORM_LIST, .of = &line_shape,
        .doc = "Per billing period."));
STMT(account_credits_page,
    "SELECT id, amount_minor, currency, exponent, issued_at, state, reference, incidents,"
    "   translations, lines FROM amends.account_credits($1, $2, $3)",
    .row = &account_credit_shape);

SHAPE_STATIC(struct credit_total, credit_total_shape, "AccountCreditTotal", FIELD(TEXT, currency),
    FIELD(INT, owed_minor), FIELD(INT, applied_minor));
STMT(account_credits_total,
    "SELECT currency, owed_minor, applied_minor FROM amends.account_credit_totals($1)",
    .row = &credit_total_shape);

enum rc account_credits_read(
    struct call *c, int64_t account, int64_t before, int64_t limit, struct list *ret)
{
    return db_all(c->s, c->db, &account_credits_page,
        PARAMS(P_INT(account), P_INT(before), P_INT(limit)), ret);
}

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static enum rc titles_of(
    struct call *c, const struct account_credit *row, const char *locale, json_t **ret)
{
    json_t *all, *in, *one;
    size_t i;
    TRY(json_parse(c->s, row->incidents, strlen(row->incidents), &all));
    TRY(json_parse(c->s, row->translations, strlen(row->translations), &in));
    *ret = json_array();
    json_array_foreach(all, i, one)
    {
        struct translation title =
            translation_of(c->s, json_get_text(in, json_get_text(one, "ref")), locale, "title",
                json_get_text(one, "title"));
        json_array_append_new(*ret, json_string(title.text));
    }
    return RC_OK;
}

static enum rc row_json(struct call *c, const struct account_visit *visit,
    const struct account_credit *row, const char *locale, json_t **ret)
{
    json_t *titles;
    bool reversed = !strcmp(row->state, "reversed"), applied = !strcmp(row->state, "applied");
    bool confirmed = !strcmp(row->state, "acknowledged");
    TRY(titles_of(c, row, locale, &titles));
    *ret = json_object();
    json_object_set_new(*ret, "titles", titles);
    put(*ret, "url", scope_printf(c->s, "%s/credits/%lld", visit->base, (long long)row->id));
    put(*ret, "amount", money_local(c->s, row->amount_minor, row->currency, locale));
    put(*ret, "issued_at", label_time(c->s, locale, row->issued_at, visit->timezone));
    put(*ret, "reference", row->reference);
    json_object_set_new(*ret, "reversed", json_boolean(reversed));
    json_object_set_new(*ret, "applied", json_boolean(applied));
    json_object_set_new(*ret, "confirmed", json_boolean(confirmed));
    json_object_set_new(*ret, "pending", json_boolean(!reversed && !applied && !confirmed));
    return RC_OK;
}

enum rc account_credits_put(struct call *c, int64_t account, const char *locale, json_t *context)
{
    struct list rows;
    json_t *totals = json_array();
    json_object_set_new(context, "totals", totals);
    TRY(db_all(c->s, c->db, &account_credits_total, PARAMS(P_INT(account)), &rows));
    for (size_t i = 0; i < rows.n; i++) {
        const struct credit_total *row = (const struct credit_total *)rows.at + i;
        json_t *one = json_object();
        put(one, "owed", money_local(c->s, row->owed_minor, row->currency, locale));
        put(one, "applied", money_local(c->s, row->applied_minor, row->currency, locale));
        json_array_append_new(totals, one);
    }
    return RC_OK;
}

enum rc page_account_credits(struct call *c)
{
    struct account_visit visit;
    struct list rows;
    bool entered;
    TRY(account_visit(c, &visit, &entered));
    if (!entered)
        return RC_OK;
    const char *locale = language_of(c->request, NULL)->tag;
    json_t *context = json_own(c->s, json_object()), *list = json_array(), *one;
    json_object_set_new(context, "credits", list);
    TRY(account_credits_read(c, visit.account, 0, SHOWN, &rows));
    for (size_t i = 0; i < rows.n; i++) {
        TRY(row_json(c, &visit, (const struct account_credit *)rows.at + i, locale, &one));
        json_array_append_new(list, one);
    }
    TRY(account_credits_put(c, visit.account, locale, context));
    account_visit_put(&visit, "credits", context);
    return page_reply(c, "account_credits", "account_credits", context, true);
}

static enum rc open_statement(struct call *c, struct account_visit *visit, struct statement_of *ret,
    json_t **ret_context, bool *ret_entered)
{
    TRY(account_visit(c, visit, ret_entered));
    if (!*ret_entered)
        return RC_OK;
    *ret = (struct statement_of){.account = visit->account, .base = visit->base};
    ret->contact = visit->contact == SHAPE_NONE ? 0 : visit->contact;
    TRY(call_id(c, 1, &ret->credit));
    *ret_context = json_own(c->s, json_object());
    put(*ret_context, "claims", NULL);
    put(*ret_context, "report", NULL);
    account_visit_put(visit, "credits", *ret_context);
    return RC_OK;
}

enum rc page_account_credit(struct call *c)
{
    struct account_visit visit;
    struct statement_of of;
    json_t *context;
    bool entered;
    TRY(open_statement(c, &visit, &of, &context, &entered));
    return entered ? statement_show(c, &of, context) : RC_OK;
}

enum rc page_account_credit_post(struct call *c)
{
    struct account_visit visit;
    struct statement_of of;
    json_t *context;
    bool entered;
    TRY(open_statement(c, &visit, &of, &context, &entered));
    return entered ? statement_ask(c, &of, context) : RC_OK;
}
