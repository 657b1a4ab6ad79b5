/* GET /v1/credits (the feed), GET /v1/credits/{id}, GET /v1/credit-runs/{id}/credits. */
#include "api/credits/credit.h"
#include "api/call/cursor.h"
#include "api/call/list_page.h"
#include "api/credits/credits.h"
#include "api/credits/run.h"

SHAPE_STATIC(struct line, line_shape, "CreditLine",
    FIELD(DATE, period_from, .required = true, .doc = "First day of the period."),
    FIELD(DATE, period_to, .required = true, .doc = "Day after the last."),
    FIELD(INT, amount_minor, .required = true, .doc = "Amount of the line."),
    FIELD(TEXT, weighted_seconds, .required = true, .nullable = true,
        .doc = "Weighted downtime; a decimal number as text."));

const struct shape credit_shape = SHAPE("Credit", struct credit,
    FIELD(INT, id, .required = true, .doc = "Id of the credit; never changes."),
    FIELD(TEXT, event, .doc = "Event in the feed: issued or reversed."),
    FIELD(TEXT, account, .required = true, .doc = "external_id."),
    FIELD(TEXT, name, .doc = "Name of the account."),
    FIELD(BOOL, capped, .doc = "In the list of a run: a cap made it smaller."),
    FIELD(INT, amount_minor, .required = true, .doc = "Amount in minor units."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, run, .required = true, .doc = "Id of the credit run."),
    FIELD(TEXT, policy, .required = true, .doc = "Name of the policy."),
    FIELD(RAW, incidents, .required = true, .form = FORM_TEXTS, .doc = "refs."),
    FIELD(TIME, issued_at, .doc = "Time of issue."),
    FIELD(TEXT, state, .required = true,
        .doc = "draft, issued, acknowledged, applied, void, reversed."),
    FIELD(TEXT, reference, .doc = "Billing's reference."),
    FIELD(RAW, lines, .required = true, .form = FORM_LIST, .of = &line_shape,
        .doc = "Per billing period."),
    FIELD(INT, no, .doc = "Position in the feed."));

struct credit_filter {
    struct list_page page;
    const char *account;
    const char *incident;
    int64_t run;
    int64_t since;
    const char *state;
    int64_t older_than_days;
};
static const char *const feed_states[] = {"issued", "acknowledged", "applied", "reversed", NULL};
const struct shape credit_filter_shape =
    SHAPE("CreditFilter", struct credit_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, account, .min = 1, .max = 200, .doc = "Filter by account (external_id)."),
        FIELD(TEXT, incident, .min = 1, .max = 100, .doc = "Filter by incident (ref) of the run."),
        FIELD(INT, run, .min = 1, .max = INT64_MAX, .doc = "Filter by credit run."),
        FIELD(TIME, since, .doc = "Filter by time of issue or reversal, from this instant."),
        FIELD(TEXT, state, .one_of = feed_states, .doc = "Filter by current state."),
        FIELD(INT, older_than_days, .min = 0, .max = 36500,
            .doc = "Filter by minimum age since issue or reversal; with state=issued: "
                   "unacknowledged credits."));

#define CREDIT_COLUMNS \
    "c.id, a.external_id AS account, a.name, c.amount_minor, c.currency, c.exponent, c.run_id AS " \
    "run," \
    " p.name AS policy, c.issued_at, c.state, k.reference," \
    " (SELECT json_agg(i.ref ORDER BY i.started_at, i.id) FROM credit_run_incident x" \
    "    JOIN incident i ON i.id = x.incident_id WHERE x.run_id = c.run_id) AS incidents," \
    " (SELECT coalesce(json_agg(json_build_object('period_from', l.period_from, 'period_to'," \
    "    l.period_to, 'amount_minor', l.amount_minor, 'weighted_seconds'," \
    "    l.weighted_seconds::text) ORDER BY l.period_from), '[]')" \
    "    FROM credit_line l WHERE l.credit_id = c.id) AS lines"
#define CREDIT_JOINS \
    " JOIN account a ON a.id = c.account_id JOIN credit_run r ON r.id = c.run_id" \
    " JOIN policy p ON p.id = r.policy_id LEFT JOIN credit_ack k ON k.credit_id = c.id "

/* Feed numbers are assigned under a lock that is held until commit (migration 0004), so the rows
 * above the last number seen are exactly the new ones. The constant is the maximum page size: with
 * only $2, the planner expects a tenth of the feed, finds the generic plan too expensive, and plans
 * every page anew, which costs as much as half of the page's rows. */
STMT(credit_feed_page,
    "SELECT f.no, f.event, " CREDIT_COLUMNS
    " FROM (SELECT * FROM credit_feed WHERE no > $1 ORDER BY no LIMIT 1000) f JOIN credit c"
    "    ON c.id = f.credit_id" CREDIT_JOINS "ORDER BY f.no LIMIT $2",
    .row = &credit_shape);
/* A filtered page ends at its last row, so cursors are safe with filters, too. */
STMT(credit_feed_filtered,
    "SELECT f.no, f.event, " CREDIT_COLUMNS " FROM credit_feed f JOIN credit c"
    "    ON c.id = f.credit_id" CREDIT_JOINS "WHERE f.no > $1"
    " AND ($3::text IS NULL OR c.account_id = (SELECT id FROM account WHERE external_id = $3))"
    " AND ($4::text IS NULL OR EXISTS (SELECT FROM credit_run_incident x JOIN incident i"
    "   ON i.id = x.incident_id WHERE x.run_id = c.run_id AND i.ref = $4))"
    " AND ($5::bigint IS NULL OR c.run_id = $5) AND ($6::timestamptz IS NULL OR f.at >= $6)"
    " AND ($7::text IS NULL OR c.state = $7)"
    " AND ($8::integer IS NULL OR f.at <= now() - make_interval(days => $8::integer)) ORDER BY "
    "f.no LIMIT $2",
    .row = &credit_shape);
STMT(credit_one, "SELECT " CREDIT_COLUMNS " FROM credit c" CREDIT_JOINS "WHERE c.id = $1",
    .row = &credit_shape);
static const char *const run_credits_only[] = {"capped", "warned", NULL};
struct run_credits_filter {
    struct list_page page;
    const char *q;
    const char *only;
};
const struct shape run_credits_filter_shape =
    SHAPE("CreditRunCreditsFilter", struct run_credits_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, q, .min = 1, .max = 200,
            .doc = "Start of the external_id, or part of the name, of the account."),
        FIELD(TEXT, only, .one_of = run_credits_only,
            .doc = "Credits that a cap made smaller, or that a warning of the run concerns."));

STMT(credit_of_run,
    "SELECT " CREDIT_COLUMNS ", amends.credit_is_capped(c.id) AS capped FROM credit c" CREDIT_JOINS
    "WHERE c.run_id = $1 AND c.id > $2"
    " AND ($4::text IS NULL OR starts_with(a.external_id, $4)"
    "   OR strpos(lower(a.name), lower($4)) > 0)"
    " AND CASE $5 WHEN 'capped' THEN amends.credit_is_capped(c.id)"
    "   WHEN 'warned' THEN amends.credit_is_warned(c.id) ELSE true END"
    " ORDER BY c.id LIMIT $3",
    .row = &credit_shape);

enum rc credit_feed(struct call *c)
{
    const struct credit_filter *filter = c->query;
    int64_t after;
    TRY(page_open(c, "credit_feed", &after));
    struct list rows;
    bool all = !filter->account && !filter->incident && filter->run == SHAPE_NONE &&
               filter->since == SHAPE_NONE && !filter->state &&
               filter->older_than_days == SHAPE_NONE;
    if (all)
        TRY(db_all(c->s, c->db, &credit_feed_page, PARAMS(P_INT(after), P_INT(filter->page.limit)),
            &rows));
    else
        TRY(db_all(c->s, c->db, &credit_feed_filtered,
            PARAMS(P_INT(after), P_INT(filter->page.limit), P_TEXT(filter->account),
                P_TEXT(filter->incident), P_INT(filter->run), P_TIME(filter->since),
                P_TEXT(filter->state), P_INT(filter->older_than_days)),
            &rows));
    const struct credit *at = rows.at;
    int64_t last = rows.n ? at[rows.n - 1].no : after;
    return reply_list(c, rows, cursor_make(c->s, c->api->keys, "credit_feed", last));
}

enum rc credit_read(struct scope *s, struct db *db, int64_t id, struct credit *ret)
{
    return IF_NONE(db_one(s, db, &credit_one, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no credit %lld", (long long)id));
}

enum rc credit_get(struct call *c)
{
    int64_t id;
    struct credit row;
    TRY(call_id(c, 0, &id));
    TRY(credit_read(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

enum rc run_credits(struct call *c)
{
    const struct run_credits_filter *filter = c->query;
    int64_t id, after;
    struct run run;
    struct list rows;
    TRY(call_id(c, 0, &id));
    TRY(run_read(c->s, c->db, id, &run));
    TRY(page_open(c, "run_credits", &after));
    TRY(db_all(c->s, c->db, &credit_of_run,
        PARAMS(P_INT(id), P_INT(after), P_INT(filter->page.limit), P_TEXT(filter->q),
            P_TEXT(filter->only)),
        &rows));
    return reply_page(c, "run_credits", rows, offsetof(struct credit, id));
}
