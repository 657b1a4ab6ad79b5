/* GET /v1/accounts/{external_id}. */
#include "api/call/call.h"
#include "api/credits/credits.h"

SHAPE_STATIC(struct price, price_shape, "AccountPriceFrom",
    FIELD(DATE, from, .required = true, .doc = "First day of the price."),
    FIELD(INT, amount_minor, .required = true, .doc = "Price of a period."),
    FIELD(TEXT, plan, .doc = "Plan from then on; absent: the account's."));
SHAPE_STATIC(struct product, product_shape, "AccountLineFrom",
    FIELD(TEXT, product, .required = true, .doc = "Name of the product."),
    FIELD(RAW, components, .required = true, .form = FORM_TEXTS,
        .doc = "Slugs; empty: the account's."),
    FIELD(RAW, prices, .required = true, .form = FORM_LIST, .of = &price_shape, .doc = "Prices."));
SHAPE_STATIC(struct term, term_shape, "AccountTermFrom",
    FIELD(DATE, from, .required = true, .doc = "First day of the term."),
    FIELD(TEXT, interval, .required = true, .doc = "month or year."),
    FIELD(DATE, anchor, .required = true,
        .doc = "First day of a period, from which the others are counted."));
SHAPE_STATIC(struct contact, contact_shape, "AccountPerson",
    FIELD(TEXT, email, .required = true, .doc = "E-mail address."),
    FIELD(TEXT, name, .required = true, .nullable = true, .doc = "Name."),
    FIELD(TEXT, locale, .required = true, .nullable = true, .doc = "Language tag."));

SHAPE_EXTERN(struct account, account_shape, "Account",
    FIELD(TEXT, external_id, .required = true, .doc = "Your id."),
    FIELD(TEXT, name, .required = true, .doc = "Who it is."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(TEXT, timezone, .required = true, .doc = "IANA name."),
    FIELD(TEXT, interval, .required = true, .doc = "month or year, of the last term."),
    FIELD(DATE, anchor, .required = true,
        .doc = "First day of a period, from which the others are counted, of the last term."),
    FIELD(RAW, terms, .form = FORM_LIST, .of = &term_shape, .doc = "One, unless they changed."),
    FIELD(TEXT, plan, .doc = "Name of the plan."),
    FIELD(RAW, prices, .form = FORM_LIST, .of = &price_shape, .doc = "Oldest first."),
    FIELD(RAW, lines, .form = FORM_LIST, .of = &product_shape,
        .doc = "Price lines by product, in place of prices."),
    FIELD(RAW, labels, .form = FORM_OBJECT, .doc = "Texts by key."),
    FIELD(RAW, components, .form = FORM_TEXTS, .doc = "Slugs; empty: everything."),
    FIELD(RAW, contacts, .form = FORM_LIST, .of = &contact_shape, .doc = "Readers of the letter."),
    FIELD(TIME, changed_at, .required = true, .doc = "Time of the last import."));

STMT(account_one,
    "SELECT a.external_id, a.name, a.currency, a.exponent, a.timezone,"
    "  a.billing_interval AS interval, a.anchor, a.plan, a.changed_at,"
    "  a.lines, a.labels,"
    "  (SELECT coalesce(json_agg(json_build_object('from', valid_from, 'interval',"
    "     billing_interval, 'anchor', anchor) ORDER BY valid_from), json_build_array("
    "     json_build_object('from', a.anchor, 'interval', a.billing_interval, 'anchor', a.anchor)))"
    "    FROM account_term WHERE account_id = a.id) AS terms,"
    "  (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('from', valid_from,"
    "     'amount_minor', amount_minor, 'plan', plan)) ORDER BY valid_from), '[]') FROM "
    "account_price"
    "    WHERE account_id = a.id) AS prices,"
    "  (SELECT coalesce(json_agg(c.slug ORDER BY c.slug), '[]') FROM account_component u"
    "     JOIN component c ON c.id = u.component_id WHERE u.account_id = a.id) AS components,"
    "  (SELECT coalesce(json_agg(json_build_object('email', email, 'name', name, 'locale',"
    "     locale) ORDER BY id), '[]') FROM account_contact WHERE account_id = a.id) AS contacts"
    "  FROM account a WHERE a.external_id = $1",
    .row = &account_shape);

enum rc account_get(struct call *c)
{
    struct account row;
    TRY(IF_NONE(db_one(c->s, c->db, &account_one, PARAMS(P_TEXT(c->param[0])), &row),
        fail(c->s, RC_NOT_FOUND, "no account \"%.100s\"", c->param[0])));
    return reply_object(c, &row);
}
