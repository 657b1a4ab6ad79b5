/* GET /v1/accounts and GET /v1/accounts/{external_id}/ledger. */
#include "api/call/call.h"
#include "api/call/list_page.h"
#include "api/credits/credits.h"

struct account_found {
    int64_t id; /* for the cursor; not printed */
    const char *external_id, *name, *currency, *plan;
    int64_t changed_at;
};
const struct shape account_found_shape = SHAPE("FoundAccount", struct account_found,
    FIELD(INT, id, .secret = true, .doc = "For the cursor."),
    FIELD(TEXT, external_id, .required = true, .doc = "Your id."),
    FIELD(TEXT, name, .required = true, .doc = "Who it is."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(TEXT, plan, .doc = "Name of the plan."),
    FIELD(TIME, changed_at, .required = true, .doc = "Time of the last import."));

struct account_filter {
    struct list_page page;
    const char *search;
};
const struct shape account_filter_shape =
    SHAPE("AccountFilter", struct account_filter, PAGE_FIELDS("50", 1000),
        FIELD(TEXT, search, .max = 200,
            .doc = "Start of an external_id, part of a name, or a contact's complete address."));

SHAPE_EXTERN(struct account_entry, account_entry_shape, "AccountLedgerEntry",
    FIELD(INT, id, .required = true, .doc = "Id of the ledger entry."),
    FIELD(TIME, at, .required = true, .doc = "When."),
    FIELD(TEXT, kind, .required = true, .doc = "issue or reversal."),
    FIELD(INT, credit, .required = true, .doc = "The credit."),
    FIELD(INT, run, .required = true, .doc = "Id of the credit run."),
    FIELD(TEXT, policy, .required = true, .doc = "Name of the policy."),
    FIELD(INT, amount_minor, .required = true,
        .doc = "Amount in minor units; negative for a reversal."),
    FIELD(
        INT, balance_minor, .required = true, .doc = "Balance in this currency after this entry."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(TEXT, state, .required = true, .doc = "Current state of the credit."),
    FIELD(TEXT, reference, .doc = "Billing's reference."),
    FIELD(RAW, incidents, .required = true, .form = FORM_TEXTS, .doc = "refs."));

STMT(account_page,
    "SELECT id, external_id, name, currency, plan, changed_at FROM account WHERE id > $1"
    " ORDER BY id LIMIT $2",
    .row = &account_found_shape);
/* By position() instead of LIKE, since names are not patterns. */
STMT(account_search,
    "SELECT id, external_id, name, currency, plan, changed_at FROM account a WHERE id > $1"
    "  AND (starts_with(lower(external_id), lower($3))"
    "    OR position(lower($3) IN lower(name)) > 0 OR EXISTS (SELECT FROM account_contact k"
    "      WHERE k.account_id = a.id AND lower(k.email) = lower($3)))"
    " ORDER BY id LIMIT $2",
    .row = &account_found_shape);
STMT(account_by_name, "SELECT id FROM account WHERE external_id = $1", .row = &row_int);
STMT(account_entries,
    "SELECT e.*, c.run_id AS run, p.name AS policy, k.reference, (SELECT json_agg(i.ref"
    "     ORDER BY i.started_at, i.id) FROM credit_run_incident x"
    "     JOIN incident i ON i.id = x.incident_id WHERE x.run_id = c.run_id) AS incidents"
    " FROM amends.account_ledger($1) e JOIN credit c ON c.id = e.credit"
    "   JOIN credit_run r ON r.id = c.run_id JOIN policy p ON p.id = r.policy_id"
    "   LEFT JOIN credit_ack k ON k.credit_id = c.id"
    " WHERE $2::bigint = 0 OR e.id < $2 ORDER BY e.id DESC LIMIT $3",
    .row = &account_entry_shape);

enum rc account_list(struct call *c)
{
    const struct account_filter *filter = c->query;
    struct list rows;
    int64_t after;
    TRY(page_open(c, "accounts", &after));
    if (filter->search && *filter->search)
        TRY(db_all(c->s, c->db, &account_search,
            PARAMS(P_INT(after), P_INT(filter->page.limit), P_TEXT(filter->search)), &rows));
    else
        TRY(db_all(
            c->s, c->db, &account_page, PARAMS(P_INT(after), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "accounts", rows, offsetof(struct account_found, id));
}

enum rc account_ledger(struct call *c)
{
    const struct page_filter *filter = c->query;
    int64_t account;
    struct list rows;
    int64_t before;
    TRY(page_open(c, "account_ledger", &before));
    TRY(IF_NONE(db_one(c->s, c->db, &account_by_name, PARAMS(P_TEXT(c->param[0])), &account),
        fail(c->s, RC_NOT_FOUND, "no account \"%.100s\"", c->param[0])));
    TRY(db_all(c->s, c->db, &account_entries,
        PARAMS(P_INT(account), P_INT(before), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "account_ledger", rows, offsetof(struct account_entry, id));
}
