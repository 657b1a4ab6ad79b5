/* GET /v1/reviews, GET /v1/reviews/{id}, POST /v1/reviews/{id}/answer. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/list_page.h"
#include "api/credits/credits.h"
#include "api/credits/run.h"
#include "core/json.h"
#include "core/money.h"
#include "billing/policy.h"

SHAPE_EXTERN(struct review, review_shape, "Review",
    FIELD(INT, id, .required = true, .doc = "Id of the review."),
    FIELD(INT, credit, .required = true, .doc = "Id of the credit."),
    FIELD(TEXT, account, .required = true, .doc = "external_id."),
    FIELD(TEXT, contact, .doc = "Who asked."),
    FIELD(INT, amount_minor, .required = true, .doc = "Amount of the credit in minor units."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(TEXT, message, .required = true, .multiline = true, .max = 4000,
        .doc = "The customer's message."),
    FIELD(TEXT, state, .required = true,
        .doc = "open, declined, further (its run awaits approval), credited."),
    FIELD(TEXT, answer, .multiline = true, .max = 4000, .doc = "The answer to the customer."),
    FIELD(INT, run, .doc = "Id of the run for the further credit."),
    FIELD(TIME, created_at, .required = true, .doc = "Time of the request."),
    FIELD(TIME, answered_at, .doc = "Time of the answer."));

struct review_filter {
    struct list_page page;
    const char *state;
    bool newest;
};
static const char *const states[] = {"open", "answered", "declined", "further", "credited", NULL};
const struct shape review_filter_shape =
    SHAPE("ReviewFilter", struct review_filter, PAGE_FIELDS("100", 1000),
        FIELD(TEXT, state, .one_of = states, .doc = "Filter by state; answered: all but open."),
        FIELD(BOOL, newest, .def = "false", .doc = "Newest first."));

static const char *const decisions[] = {"declined", "further_credit", NULL};
SHAPE_EXTERN(struct answer, answer_shape, "ReviewAnswer",
    FIELD(TEXT, decision, .required = true, .one_of = decisions, .doc = "The decision."),
    FIELD(TEXT, message, .required = true, .multiline = true, .min = 1, .max = 4000,
        .doc = "The answer to the customer: the reason, or the purpose of the further credit."),
    FIELD(INT, amount_minor, .min = 1, .max = INT64_C(1000000000000),
        .doc = "Amount of the further credit in the account's currency; creates a policy for it."),
    FIELD(TEXT, policy, .min = 1, .max = 100, .doc = "Or a policy that computes it."));

#define REVIEW_SELECT \
    "SELECT r.id, r.credit_id AS credit, a.external_id AS account, k.email AS contact," \
    "   c.amount_minor, c.currency, c.exponent, r.message, r.state, r.answer, r.run_id AS run," \
    "   r.created_at, r.answered_at FROM credit_review r JOIN credit c ON c.id = r.credit_id" \
    "   JOIN account a ON a.id = c.account_id LEFT JOIN account_contact k ON k.id = r.contact_id "
#define REVIEW_OF_STATE \
    " AND CASE $3 WHEN 'answered' THEN r.state <> 'open' ELSE $3 IS NULL OR r.state = $3 END "
STMT(review_page, REVIEW_SELECT "WHERE r.id > $1" REVIEW_OF_STATE "ORDER BY r.id LIMIT $2",
    .row = &review_shape);
STMT(review_page_newest,
    REVIEW_SELECT "WHERE ($1 = 0 OR r.id < $1)" REVIEW_OF_STATE "ORDER BY r.id DESC LIMIT $2",
    .row = &review_shape);
STMT(review_one, REVIEW_SELECT "WHERE r.id = $1", .row = &review_shape);
STMT(review_lock, "SELECT 1 FROM credit_review WHERE id = $1 FOR UPDATE");
STMT(review_reply, "SELECT amends.credit_review_reply($1)");
STMT(review_settle,
    "UPDATE credit_review SET state = $2, answer = $3, run_id = $4, answered_by = $5,"
    " answered_at = now() WHERE id = $1");
STMT(review_policy, "SELECT id FROM policy WHERE name = $1 ORDER BY version DESC LIMIT 1",
    .row = &row_int);
STMT(review_policy_make,
    "INSERT INTO policy (name, version, document, created_by, helper) SELECT $1,"
    "   coalesce(max(version), 0) + 1, $2::jsonb, $3, true FROM policy WHERE name = $1 RETURNING "
    "id",
    .row = &row_int);
STMT(review_run, "SELECT amends.credit_review_run($1, $2, $3) AS id", .row = &row_int);

enum rc review_list(struct call *c)
{
    const struct review_filter *filter = c->query;
    int64_t after;
    struct list rows;
    TRY(page_open(c, "reviews", &after));
    TRY(db_all(c->s, c->db, filter->newest ? &review_page_newest : &review_page,
        PARAMS(P_INT(after), P_INT(filter->page.limit), P_TEXT(filter->state)), &rows));
    return reply_page(c, "reviews", rows, offsetof(struct review, id));
}

static enum rc read(struct scope *s, struct db *db, int64_t id, struct review *ret)
{
    return IF_NONE(db_one(s, db, &review_one, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no review %lld", (long long)id));
}

enum rc review_get(struct call *c)
{
    int64_t id;
    struct review row;
    TRY(call_id(c, 0, &id));
    TRY(read(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

struct answering {
    struct call *c;
    int64_t id, run;
};

/* A fixed amount for one account, with a high cap, because two people check it. */
static enum rc make_policy(struct scope *s, struct db *db, const struct answering *answering,
    const struct review *review, int64_t *ret)
{
    const struct answer *in = answering->c->body;
    const char *name = scope_printf(s, "review-%lld", (long long)review->id);
    json_t *json = json_own(s, json_pack("{s:s, s:s, s:s, s:s, s:{s:I}}", "name", name, "model",
                                   "fixed", "audience", "all", "cap_percent", "1000", "amounts",
                                   review->currency, (json_int_t)in->amount_minor));
    struct policy policy;
    TRY(policy_read(s, json, &policy));
    return db_one(s, db, &review_policy_make,
        PARAMS(P_TEXT(name), P_TEXT(policy_document(s, &policy)), P_INT(answering->c->key->id)),
        ret);
}

static enum rc make_run(
    struct scope *s, struct db *db, struct answering *answering, const struct review *review)
{
    const struct answer *in = answering->c->body;
    int64_t policy, run;
    TRY(IF_NONE(in->policy ? db_one(s, db, &review_policy, PARAMS(P_TEXT(in->policy)), &policy)
                           : make_policy(s, db, answering, review, &policy),
        fail_field(s, RC_INVALID, "policy", "no policy \"%s\"", in->policy)));
    TRY(db_one(s, db, &review_run,
        PARAMS(P_INT(review->id), P_INT(policy), P_INT(answering->c->key->id)), &run));
    answering->run = run;
    return run_wake(s, db, run);
}

static enum rc answer(struct scope *s, struct db *db, void *arg)
{
    struct answering *answering = arg;
    struct call *c = answering->c;
    const struct answer *in = c->body;
    struct review review;
    bool declined = !strcmp(in->decision, "declined");
    answering->run = SHAPE_NONE;
    TRY(db_do(s, db, &review_lock, PARAMS(P_INT(answering->id)), NULL));
    TRY(read(s, db, answering->id, &review));
    if (strcmp(review.state, "open") != 0)
        return fail(s, RC_CONFLICT, "the review is %s", review.state);
    if (!declined)
        TRY(make_run(s, db, answering, &review));
    TRY(db_do(s, db, &review_settle,
        PARAMS(P_INT(review.id), P_TEXT(declined ? "declined" : "further"), P_TEXT(in->message),
            P_INT(answering->run), P_INT(c->key->id)),
        NULL));
    if (declined)
        TRY(db_do(s, db, &review_reply, PARAMS(P_INT(review.id)), NULL));
    return audit_add(s, db, call_actor(c), "credit_review.answer",
        scope_printf(s, "credit_review:%lld", (long long)review.id),
        scope_printf(s, "{\"decision\":\"%s\"}", in->decision));
}

/* A refusal is sent at once, a further credit when its run is issued (migration 0067). */
enum rc review_answer(struct call *c)
{
    const struct answer *in = c->body;
    struct answering answering = {.c = c};
    bool further = !strcmp(in->decision, "further_credit");
    bool amount = in->amount_minor != SHAPE_NONE;
    TRY(call_id(c, 0, &answering.id));
    if (further && amount == (in->policy != NULL))
        return fail_field(c->s, RC_INVALID, "amount_minor", "give either an amount or a policy");
    if (!further && (amount || in->policy))
        return fail_field(
            c->s, RC_INVALID, amount ? "amount_minor" : "policy", "is not allowed here");
    run_listen(c->db);
    TRY(db_txn(c->s, c->db, answer, &answering));
    struct run run;
    if (further)
        TRY(run_wait(c, answering.run, "computing", &run));
    return review_get(c);
}
