#include "core/ledger/part.h"

#include <string.h>

STMT(part_run, "SELECT * FROM credit_run WHERE id = $1");
STMT(part_policy,
    "SELECT p.* FROM credit_run r JOIN policy p ON p.id = r.policy_id WHERE r.id = $1");
STMT(part_incident, "SELECT * FROM credit_run_incident WHERE run_id = $1 ORDER BY incident_id");
STMT(part_revision,
    "SELECT v.* FROM credit_run_incident i JOIN impact_revision v ON v.id = i.impact_revision_id"
    " WHERE i.run_id = $1 ORDER BY v.id");
STMT(part_impact,
    "SELECT m.* FROM credit_run_incident i JOIN impact m ON m.revision_id = i.impact_revision_id"
    " WHERE i.run_id = $1 ORDER BY m.id");
STMT(part_working, "SELECT * FROM credit_working WHERE run_id = $1 ORDER BY id");
/* With the name by which billing knows the account. */
STMT(part_credit, "SELECT c.*, a.external_id AS account FROM credit c LEFT JOIN account a ON a.id ="
                  " c.account_id"
                  " WHERE c.run_id = $1 ORDER BY c.id");
STMT(part_line, "SELECT l.* FROM credit c JOIN credit_line l ON l.credit_id = c.id"
                " WHERE c.run_id = $1 ORDER BY l.credit_id, l.period_from");
STMT(part_excess, "SELECT * FROM credit_excess WHERE run_id = $1 ORDER BY account_id, period_from");
STMT(part_left_out, "SELECT * FROM credit_left_out WHERE run_id = $1 ORDER BY account_id");
STMT(part_difference,
    "SELECT * FROM credit_difference WHERE run_id = $1 ORDER BY account_id, period_from");
STMT(part_warning, "SELECT * FROM credit_warning WHERE run_id = $1 ORDER BY id");
STMT(part_acknowledged, "SELECT id, run_id, acknowledged_by, acknowledged_at FROM credit_warning"
                        " WHERE id = ANY($1::bigint[]) ORDER BY id");
STMT(part_approved, "SELECT id, approved_by, approved_at, alone FROM credit_run WHERE id = $1");
STMT(part_issued, "SELECT id, issued_at FROM credit_run WHERE id = $1");
STMT(part_issue_entry,
    "SELECT e.* FROM credit c JOIN ledger_entry e ON e.credit_id = c.id AND e.kind = 'issue'"
    " WHERE c.run_id = $1 ORDER BY e.id");
STMT(part_issue_feed,
    "SELECT f.* FROM credit c JOIN credit_feed f ON f.credit_id = c.id AND f.event = 'issued'"
    " WHERE c.run_id = $1 ORDER BY f.no");
STMT(part_voided, "SELECT id, voided_by, voided_at FROM credit_run WHERE id = $1");
STMT(part_failed, "SELECT id, failure FROM credit_run WHERE id = $1");
STMT(part_ack, "SELECT * FROM credit_ack WHERE credit_id = ANY($1::bigint[]) ORDER BY credit_id");
STMT(part_applied, "SELECT credit_id, applied_at FROM credit_ack"
                   " WHERE credit_id = ANY($1::bigint[]) ORDER BY credit_id");
STMT(part_reversal_entry,
    "SELECT * FROM ledger_entry WHERE credit_id = $1 AND kind = 'reversal' ORDER BY id");
STMT(part_reversal_feed,
    "SELECT * FROM credit_feed WHERE credit_id = $1 AND event = 'reversed' ORDER BY no");
STMT(part_audit, "SELECT * FROM audit WHERE seq > $1 AND seq <= $2 ORDER BY seq");
STMT(part_totals,
    "SELECT coalesce(jsonb_object_agg(currency, jsonb_build_object('credits', n, 'amount_minor',"
    "   amount) ORDER BY currency), '{}')::text AS totals FROM (SELECT currency, count(*) AS n,"
    "   sum(amount_minor) AS amount FROM credit WHERE run_id = $1 GROUP BY 1) AS t",
    .row = &row_text);

/* `state` and `open` are compared by amends.ledger_faults_states, as is credit.issued_at. */
static const struct ledger_part draft[] = {
    {"credit_run", "id",
        "state failure approved_by approved_at alone issued_at voided_by voided_at", &part_run},
    {"policy", "id", "", &part_policy},
    {"credit_run_incident", "run_id incident_id", "", &part_incident},
    {"impact_revision", "id", "", &part_revision}, {"impact", "id", "", &part_impact},
    {"credit_working", "id", "", &part_working},
    {"credit", "id", "state issued_at open", &part_credit},
    {"credit_line", "credit_id period_from", "", &part_line},
    {"credit_excess", "run_id account_id period_from", "", &part_excess},
    {"credit_left_out", "run_id account_id", "", &part_left_out},
    {"credit_difference", "run_id account_id period_from", "", &part_difference},
    {"credit_warning", "id", "acknowledged_by acknowledged_at", &part_warning}};
static const struct ledger_part acknowledge[] = {{"credit_warning", "id", "", &part_acknowledged}};
static const struct ledger_part approve[] = {{"credit_run", "id", "", &part_approved}};
static const struct ledger_part issue[] = {{"credit_run", "id", "", &part_issued},
    {"ledger_entry", "id", "", &part_issue_entry}, {"credit_feed", "no", "", &part_issue_feed}};
static const struct ledger_part voided[] = {{"credit_run", "id", "", &part_voided}};
static const struct ledger_part failed[] = {{"credit_run", "id", "", &part_failed}};
static const struct ledger_part ack[] = {{"credit_ack", "credit_id", "applied_at", &part_ack}};
static const struct ledger_part applied[] = {{"credit_ack", "credit_id", "", &part_applied}};
static const struct ledger_part reverse[] = {{"ledger_entry", "id", "", &part_reversal_entry},
    {"credit_feed", "no", "", &part_reversal_feed}};

const struct ledger_part ledger_part_audit = {"audit", "seq", "", &part_audit};

#define KIND(name, parts, ...) \
    { \
        .kind = (name), .at = (parts), .n = sizeof(parts) / sizeof((parts)[0]), __VA_ARGS__ \
    }
static const struct ledger_parts kinds[] = {{.kind = "begin"}, {.kind = "adopt"}, {.kind = "audit"},
    KIND("draft", draft, .totals = true), KIND("acknowledge", acknowledge, .of_ids = true),
    KIND("approve", approve), KIND("issue", issue, .totals = true), KIND("void", voided),
    KIND("fail", failed), KIND("ack", ack, .of_ids = true),
    KIND("applied", applied, .of_ids = true), KIND("reverse", reverse)};

const struct ledger_parts *ledger_parts_of(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (!strcmp(kinds[i].kind, kind))
            return &kinds[i];
    return NULL;
}

enum rc ledger_totals(struct scope *s, struct db *db, int64_t run, const char **ret)
{
    return db_one(s, db, &part_totals, PARAMS(P_INT(run)), ret);
}
