/* Actions on a draft: warnings, approval, void. */
#include <poll.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/credits/approval.h"
#include "api/credits/credits.h"
#include "api/credits/run.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/ledger/chain.h"
#include "core/service.h"

SHAPE_STATIC(struct run_head, run_head_shape, "RunHead", FIELD(INT, id), FIELD(TEXT, state),
    FIELD(INT, unread), FIELD(BOOL, drafter), FIELD(BOOL, person));

struct acknowledge {
    const json_t *warnings;
};
const struct shape acknowledge_shape = SHAPE("AcknowledgeWarnings", struct acknowledge,
    FIELD(JSON, warnings, .form = FORM_IDS,
        .doc = "Warnings to acknowledge: ids, or codes such as \"estimate\"."));

STMT(run_lock,
    "SELECT id, state, amends.key_person(created_by) = amends.key_person($2) AS drafter,"
    "  amends.key_approver($2) IS NOT NULL AS person, (SELECT count(*) FROM credit_warning w WHERE "
    "w.run_id = r.id AND w.acknowledged_by IS NULL) AS unread"
    " FROM credit_run r WHERE id = $1 FOR UPDATE",
    .row = &run_head_shape);
STMT(run_acknowledge_all,
    "UPDATE credit_warning SET acknowledged_by = $2, acknowledged_at = now()"
    " WHERE run_id = $1 AND acknowledged_by IS NULL"
    "   AND (id::text = ANY($3::text[]) OR code = ANY($3::text[])) RETURNING id",
    .row = &row_int);
STMT(run_approve_one,
    "UPDATE credit_run SET state = 'approved', approved_by = $2,"
    " approved_at = now(), alone = amends.key_person(created_by) = amends.key_person($2)"
    " WHERE id = $1");

STMT(run_warnings_unknown,
    "SELECT string_agg(name, ', ') AS word FROM unnest($2::text[]) AS n(name) WHERE NOT EXISTS ("
    "  SELECT FROM credit_warning w WHERE w.run_id = $1 AND (w.id::text = name OR w.code = name))",
    .row = &row_text);
STMT(run_warnings_open,
    "SELECT string_agg(DISTINCT code, ', ' ORDER BY code) AS word FROM credit_warning"
    " WHERE run_id = $1 AND acknowledged_by IS NULL",
    .row = &row_text);
STMT(run_void_one, "SELECT amends.credit_run_void($1, $2, $3) AS word", .row = &row_text);

struct approve_query {
    bool wait;
};
const struct shape approve_query_shape = SHAPE("CreditRunApproveQuery", struct approve_query,
    FIELD(BOOL, wait, .def = "true",
        .doc = "false: reply once it is approved, before the credits are issued."));

struct action {
    struct call *c;
    int64_t id;
};

static enum rc lock(
    struct scope *s, struct db *db, const struct action *action, struct run_head *ret)
{
    return IF_NONE(
        db_one(s, db, &run_lock, PARAMS(P_INT(action->id), P_INT(action->c->key->id)), ret),
        fail(s, RC_NOT_FOUND, "no credit run %lld", (long long)action->id));
}

static const char *object(struct scope *s, int64_t id)
{
    return scope_printf(s, "credit_run:%lld", (long long)id);
}

/* Converts the ids and codes of the body to text. */
static enum rc warning_names(struct scope *s, const json_t *warnings, struct texts *ret)
{
    if (!json_is_array(warnings) || json_array_size(warnings) > 1000)
        return fail_field(s, RC_INVALID, "warnings", "must be an array of ids or codes");
    size_t n = json_array_size(warnings);
    const char **names = SCOPE_ARRAY(s, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *name = json_array_get(warnings, i);
        if (json_is_integer(name))
            names[i] = scope_printf(s, "%lld", (long long)json_integer_value(name));
        else if (json_is_string(name))
            names[i] = json_string_value(name);
        else
            return fail_field(
                s, RC_INVALID, scope_printf(s, "warnings[%zu]", i), "must be an id or a code");
    }
    *ret = (struct texts){.at = names, .n = n};
    return RC_OK;
}

/* An empty body must not acknowledge unread warnings. */
static enum rc name_open(struct scope *s, struct db *db, int64_t run)
{
    const char *open;
    TRY(db_one(s, db, &run_warnings_open, PARAMS(P_INT(run)), &open));
    return fail_field(s, RC_INVALID, "warnings", "must list the acknowledged warnings; open: %s",
        open ? open : "none");
}

static enum rc acknowledge(struct scope *s, struct db *db, void *arg)
{
    const struct action *action = arg;
    const struct acknowledge *in = action->c->body;
    struct run_head head;
    const char *unknown;
    struct texts names = {0};
    TRY(lock(s, db, action, &head));
    if (!in->warnings)
        return name_open(s, db, action->id);
    TRY(warning_names(s, in->warnings, &names));
    struct param list = P_TEXTS(s, &names);
    TRY(db_one(s, db, &run_warnings_unknown, PARAMS(P_INT(action->id), list), &unknown));
    if (unknown)
        return fail_field(s, RC_INVALID, "warnings", "this run has no warning \"%.200s\"", unknown);
    struct list ids;
    TRY(db_all(s, db, &run_acknowledge_all,
        PARAMS(P_INT(action->id), P_INT(action->c->key->id), list), &ids));
    TRY(audit_add(s, db, call_actor(action->c), "credit_run.acknowledge", object(s, action->id),
        json_text(s, in->warnings)));
    struct ledger_event event = {.kind = "acknowledge",
        .object = SHAPE_NONE,
        .ids = ids.at,
        .n = ids.n,
        .actor = call_actor(action->c)};
    return ids.n ? ledger_add(s, db, action->c->api->keys, &event) : RC_OK;
}

enum rc run_acknowledge(struct call *c)
{
    struct action action = {.c = c};
    TRY(call_id(c, 0, &action.id));
    TRY(db_txn(c->s, c->db, acknowledge, &action));
    return run_get(c);
}

/* Two people, neither of whom was in the other's power within approval_wait. */
static enum rc check_two(
    struct scope *s, struct db *db, const struct action *action, const struct run_head *head)
{
    const struct config *config = action->c->api->config;
    bool may = false;
    int64_t until = 0;
    if (!head->person)
        return fail(s, RC_DENIED,
            "a key of nobody, or made for a person by another, cannot approve: sign in, or use a "
            "key of your own");
    if (head->drafter) {
        TRY(approval_alone(s, db, config, action->id, &may));
        return may ? RC_OK
                   : fail(s, RC_DENIED,
                         "the author of a run cannot approve it with any key: a second person "
                         "must");
    }
    TRY(approval_hold(s, db, config, action->id, action->c->key->id, &until));
    if (until)
        return fail(s, RC_DENIED,
            "your access or the drafter's was changed recently by one of you, by a person who "
            "changed both, or with a key of nobody: you can approve this run from %s on "
            "(approval_wait)",
            clock_rfc3339(s, until));
    return RC_OK;
}

/* An entry of the ledger's chain: the last statement of the transaction but for a notification. */
static enum rc pin(struct scope *s, struct db *db, const struct action *action, const char *kind)
{
    struct ledger_event event = {
        .kind = kind, .object = action->id, .actor = call_actor(action->c)};
    return ledger_add(s, db, action->c->api->keys, &event);
}

static enum rc approve(struct scope *s, struct db *db, void *arg)
{
    const struct action *action = arg;
    struct run_head head;
    TRY(lock(s, db, action, &head));
    if (strcmp(head.state, "draft") != 0)
        return fail(s, RC_CONFLICT, "the run is %s, not a draft", head.state);
    if (head.unread)
        return fail(s, RC_CONFLICT, "%lld warnings are not acknowledged", (long long)head.unread);
    TRY(check_two(s, db, action, &head));
    TRY(db_do(s, db, &run_approve_one, PARAMS(P_INT(action->id), P_INT(action->c->key->id)), NULL));
    TRY(audit_add(s, db, call_actor(action->c), "credit_run.approve", object(s, action->id),
        head.drafter ? "{\"alone\":true}" : NULL));
    TRY(pin(s, db, action, "approve"));
    return run_wake(s, db, action->id);
}

enum rc run_approve(struct call *c)
{
    struct action action = {.c = c};
    const struct approve_query *query = c->query;
    struct run run;
    TRY(call_id(c, 0, &action.id));
    if (query->wait)
        run_listen(c->db);
    TRY(db_txn(c->s, c->db, approve, &action));
    if (!query->wait)
        return run_get(c);
    TRY(run_wait(c, action.id, "approved", &run));
    if (!strcmp(run.state, "failed"))
        return fail(c->s, RC_CONFLICT, "%s", run.failure);
    if (!strcmp(run.state, "void"))
        return fail(c->s, RC_CONFLICT, "the run was voided before it was issued");
    return run_reply(c, &run);
}

static enum rc void_run(struct scope *s, struct db *db, void *arg)
{
    const struct action *action = arg;
    const char *outcome;
    TRY(db_one(s, db, &run_void_one,
        PARAMS(P_INT(action->id), P_INT(action->c->key->id), P_TEXT(call_actor(action->c))),
        &outcome));
    if (!strcmp(outcome, "missing"))
        return fail(s, RC_NOT_FOUND, "no credit run %lld", (long long)action->id);
    if (strcmp(outcome, "void") != 0)
        return fail(s, RC_CONFLICT, "the run is %s: reverse its credits instead", outcome);
    return pin(s, db, action, "void");
}

enum rc run_void(struct call *c)
{
    struct action action = {.c = c};
    TRY(call_id(c, 0, &action.id));
    TRY(db_txn(c->s, c->db, void_run, &action));
    return run_get(c);
}
