#pragma once
/* Shared by the files of the credit-run resource. */
#include "api/call/call.h"

struct run {
    int64_t id;
    const char *state;
    const char *policy;
    int64_t version;
    const char *reason;
    const char *failure;
    int64_t reconciles;
    const char *incidents;                            /* JSON */
    const char *totals;                               /* JSON */
    const char *warnings;                             /* JSON */
    const char *drafted_by, *approved_by, *voided_by; /* JSON */
    bool two_people;
    const char *scheduled; /* JSON */
    const char *late;      /* JSON: refs, or NULL */
    const char *approval;  /* JSON: of a draft, for the caller; NULL in lists */
    int64_t review;
    int64_t created_at;
    int64_t approved_at;
    int64_t issued_at;
    int64_t voided_at;
};

/* The columns of run_shape. */
#define RUN_SELECT \
    "SELECT r.id, (SELECT w.id FROM credit_review w WHERE w.run_id = r.id) AS review, r.state, " \
    "p.name AS policy, p.version, r.reason, r.failure, r.reconciles," \
    "  r.created_at, r.approved_at, r.issued_at, r.voided_at," \
    "  amends.key_who(r.created_by) AS drafted_by, amends.key_who(r.approved_by) AS approved_by," \
    "  amends.key_who(r.voided_by) AS voided_by," \
    "  (SELECT json_build_object('from', w.from_day, 'to', w.to_day)" \
    "    FROM amends.scheduled_run w WHERE w.run_id = r.id) AS scheduled," \
    "  amends.credit_run_late(r) AS late," \
    "  (SELECT coalesce(json_agg(i.ref ORDER BY i.started_at, i.id), '[]')" \
    "     FROM credit_run_incident x JOIN incident i ON i.id = x.incident_id" \
    "    WHERE x.run_id = r.id) AS incidents," \
    "  (SELECT coalesce(json_agg(json_build_object('currency', t.currency, 'exponent'," \
    "     t.exponent, 'amount_minor', t.amount_minor, 'credits', t.n) ORDER BY t.currency), '[]')" \
    "     FROM (SELECT currency, exponent, sum(amount_minor) AS amount_minor, count(*) AS n" \
    "             FROM credit WHERE run_id = r.id AND (state <> 'void' OR r.state = 'void')" \
    "            GROUP BY 1, 2) t) AS totals," \
    "  (SELECT coalesce(json_agg(json_build_object('id', w.id, 'code', w.code, 'text', w.text," \
    "     'detail', w.detail, 'acknowledged_by', w.acknowledged_by, 'acknowledged_name'," \
    "     amends.key_name(w.acknowledged_by)) ORDER BY w.id), '[]')" \
    "     FROM credit_warning w WHERE w.run_id = r.id) AS warnings" \
    " FROM credit_run r JOIN policy p ON p.id = r.policy_id "

/* Fill two_people. */
enum rc run_put_two_people(struct call *c, struct run *run);

/* Reply with a run, after determining whether its draft needs a second person. */
enum rc run_reply(struct call *c, struct run *run);

enum rc run_read(struct scope *s, struct db *db, int64_t id, struct run *ret);

/* Create, without computing it, the run that corrects an issued one (migration 0030); *ret its
 * id. RC_CONFLICT if the run is not issued. Call within a transaction. */
enum rc run_reconcile_begin(
    struct scope *s, struct call *c, struct db *db, int64_t id, const char *reason, int64_t *ret);

/* Notify the billing role at the end of the current transaction. */
enum rc run_wake(struct scope *s, struct db *db, int64_t id);

/* Listen for the end of steps. Call before requesting a step. */
void run_listen(struct db *db);

/* Wait, at most a minute, until the run leaves this state. Call on a worker. After a minute, the
 * reply contains the run as it is, and billing continues. */
enum rc run_wait(struct call *c, int64_t id, const char *state, struct run *ret);
