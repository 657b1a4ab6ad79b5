/* Reads a credit run, replies with it, and waits for it. */
#include "api/credits/run.h"

#include <poll.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/credits/approval.h"
#include "api/credits/credits.h"
#include "core/clock.h"
#include "core/service.h"

enum { WAIT_US = 60 * 1000 * 1000, POLL_MS = 200 };

static const char *const done_channels[] = {"credit_run_done", NULL};
/* A worker keeps its connection: listening again would reconnect it. */
static _Thread_local const struct db *db_listens_to;

SHAPE_STATIC(struct sum, sum_shape, "CreditTotal",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, amount_minor, .required = true, .doc = "Sum."),
    FIELD(INT, credits, .required = true, .doc = "Number of credits."));
SHAPE_STATIC(struct warning, warning_shape, "CreditWarning",
    FIELD(INT, id, .required = true, .doc = "Id of the warning."),
    FIELD(TEXT, code, .required = true, .doc = "Code for programs."),
    FIELD(TEXT, text, .required = true, .doc = "Text in English."),
    FIELD(RAW, detail, .required = true, .form = FORM_OBJECT,
        .doc = "The values in the text, which depend on the code."),
    FIELD(INT, acknowledged_by, .required = true, .nullable = true, .doc = "Id of the API key."),
    FIELD(TEXT, acknowledged_name, .required = true, .nullable = true,
        .doc = "Name of the key or person."));

SHAPE_STATIC(struct run_window, run_window_shape, "CreditRunWindow",
    FIELD(DATE, from, .required = true, .doc = "First day."),
    FIELD(DATE, to, .required = true, .doc = "Day after the last."));

SHAPE_STATIC(struct run_approval, run_approval_shape, "CreditRunApproval",
    FIELD(BOOL, may, .required = true, .doc = "You may approve it now."),
    FIELD(TEXT, reason,
        .doc = "Why not: role (your permissions), person (a key of nobody), drafter (you drafted "
               "it), wait (access of one of you changed recently), warnings (not acknowledged)."),
    FIELD(TIME, from, .doc = "When the wait ends."));

const struct shape run_shape =
    SHAPE("CreditRun", struct run, FIELD(INT, id, .required = true, .doc = "Id of the run."),
        FIELD(TEXT, state, .required = true,
            .doc = "computing, draft, approved, issued, void, failed."),
        FIELD(TEXT, policy, .required = true, .doc = "Name of the policy."),
        FIELD(INT, version, .required = true, .doc = "Version of the policy."),
        FIELD(TEXT, reason, .required = true, .doc = "Why."),
        FIELD(TEXT, failure, .doc = "Reason of the failure."),
        FIELD(INT, reconciles, .doc = "Id of the run it corrects."),
        FIELD(RAW, incidents, .required = true, .form = FORM_TEXTS, .doc = "refs."),
        FIELD(RAW, totals, .required = true, .form = FORM_LIST, .of = &sum_shape,
            .doc = "Per currency."),
        FIELD(RAW, warnings, .required = true, .form = FORM_LIST, .of = &warning_shape,
            .doc = "To be acknowledged before approval."),
        FIELD(RAW, drafted_by, .required = true, .form = FORM_OBJECT, .of = &actor_shape,
            .doc = "Who drafted it; of a scheduled run, who wrote the policy."),
        FIELD(RAW, late, .form = FORM_TEXTS,
            .doc = "Of the draft of a schedule: refs of incidents that were published or changed "
                   "after it."),
        FIELD(RAW, scheduled, .form = FORM_OBJECT, .of = &run_window_shape,
            .doc = "The window for which the policy's schedule made it."),
        FIELD(RAW, approved_by, .form = FORM_OBJECT, .of = &actor_shape, .doc = "Who approved it."),
        FIELD(RAW, voided_by, .form = FORM_OBJECT, .of = &actor_shape, .doc = "Who voided it."),
        FIELD(BOOL, two_people, .doc = "For a draft: whether a second person must approve it."),
        FIELD(RAW, approval, .form = FORM_OBJECT, .of = &run_approval_shape,
            .doc = "Of a single draft: whether you may approve it."),
        FIELD(INT, review, .doc = "Id of the review that this further credit answers."),
        FIELD(TIME, created_at, .required = true, .doc = "Creation time."),
        FIELD(TIME, approved_at, .doc = "Time of approval."),
        FIELD(TIME, issued_at, .doc = "Time of issue."),
        FIELD(TIME, voided_at, .doc = "Time of voiding."));

STMT(run_one, RUN_SELECT "WHERE r.id = $1", .row = &run_shape);
STMT(run_notify, "SELECT pg_notify('credit_run', $1::text)");
STMT(reconcile_begin, "SELECT amends.credit_run_reconcile($1, $2, $3) AS id", .row = &row_int);

enum rc run_read(struct scope *s, struct db *db, int64_t id, struct run *ret)
{
    return IF_NONE(db_one(s, db, &run_one, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no credit run %lld", (long long)id));
}

/* Only for a draft, since it sums up the credits. */
enum rc run_put_two_people(struct call *c, struct run *run)
{
    bool alone = true;
    if (!strcmp(run->state, "draft"))
        TRY(approval_alone(c->s, c->db, c->api->config, run->id, &alone));
    run->two_people = !alone;
    return RC_OK;
}

enum rc run_reply(struct call *c, struct run *run)
{
    TRY(run_put_two_people(c, run));
    if (!strcmp(run->state, "draft")) {
        struct run_approval approval = {.may = true, .from = SHAPE_NONE};
        STRBUF(text, 4096);
        TRY(approval_say(
            c->s, c->db, c->api->config, run->id, c->key, &approval.reason, &approval.from));
        approval.may = !approval.reason;
        shape_print(&text, &run_approval_shape, &approval);
        run->approval = strbuf_copy(&text, c->s);
    }
    return reply_object(c, run);
}

enum rc run_wake(struct scope *s, struct db *db, int64_t id)
{
    return db_do(s, db, &run_notify, PARAMS(P_TEXT(scope_printf(s, "%lld", (long long)id))), NULL);
}

void run_listen(struct db *db)
{
    if (db_listens_to != db)
        db_listen(db, done_channels);
    db_listens_to = db;
}

enum rc run_wait(struct call *c, int64_t id, const char *state, struct run *ret)
{
    int64_t until = clock_monotonic() + WAIT_US;
    for (;;) {
        TRY(run_read(c->s, c->db, id, ret));
        if (strcmp(ret->state, state) != 0 || clock_monotonic() > until || service_stopping())
            return RC_OK;
        struct pollfd fds[] = {
            {.fd = service_fd(), .events = POLLIN}, {.fd = db_socket(c->db), .events = POLLIN}};
        poll(fds, 2, POLL_MS);
        SCOPE(s);
        db_notified(s, c->db);
    }
}

enum rc run_reconcile_begin(
    struct scope *s, struct call *c, struct db *db, int64_t id, const char *reason, int64_t *ret)
{
    struct run run;
    int64_t made;
    TRY(run_read(s, db, id, &run));
    TRY(db_one(
        s, db, &reconcile_begin, PARAMS(P_INT(id), P_INT(c->key->id), P_TEXT(reason)), &made));
    if (made == SHAPE_NONE)
        return fail(s, RC_CONFLICT, "the run is %s: only an issued one is reconciled", run.state);
    *ret = made;
    return RC_OK;
}
