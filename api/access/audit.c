/* GET /v1/audit: the audit log, newest first. `amends ledger verify` checks its chain. */
#include "api/call/call.h"
#include "api/call/list_page.h"
#include "api/access/access.h"

SHAPE_STATIC(struct audit_total, audit_total_shape, "AuditTotal",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, credits, .required = true, .doc = "Number of credits."),
    FIELD(INT, amount_minor, .required = true, .doc = "Their sum, in minor units."));

SHAPE_EXTERN(struct audit_row, audit_row_shape, "AuditRow",
    FIELD(INT, seq, .required = true, .doc = "Sequence number in the chain, without gaps."),
    FIELD(TIME, at, .required = true, .doc = "When."),
    FIELD(TEXT, actor, .required = true,
        .doc = "Actor: key:ID, staff:LOGIN, role:NAME, link or cli."),
    FIELD(TEXT, action, .required = true, .doc = "Action, such as credit_run.approve."),
    FIELD(TEXT, object, .required = true, .doc = "To what."),
    FIELD(RAW, detail, .form = FORM_OBJECT, .doc = "Details, which depend on the action."),
    FIELD(TEXT, actor_name, .required = true, .doc = "The actor's name now: Ana."),
    FIELD(TEXT, object_name, .required = true,
        .doc = "Name, title or number of the object now, without its kind."),
    FIELD(RAW, totals, .form = FORM_LIST, .of = &audit_total_shape,
        .doc = "Of the approval, issue or voiding of a credit run."));

struct audit_filter {
    struct list_page page;
    const char *actor;
    const char *action;
    const char *object;
};
const struct shape audit_filter_shape =
    SHAPE("AuditFilter", struct audit_filter, PAGE_FIELDS("50", 200),
        FIELD(TEXT, actor, .max = 200,
            .doc = "Filter by actor; staff:LOGIN also finds that person's keys."),
        FIELD(TEXT, action, .max = 100, .doc = "Filter by action, or by its prefix up to a dot."),
        FIELD(TEXT, object, .max = 200, .doc = "Filter by object."));

STMT(audit_page,
    "SELECT seq, at, actor, action, object, detail, amends.actor_name(actor) AS actor_name,"
    "   amends.audit_object_name(action, object) AS object_name,"
    "   amends.audit_totals(action, object) AS totals FROM audit"
    " WHERE ($1::bigint = 0 OR seq < $1) AND ($3::text IS NULL OR amends.audit_is_by(actor, $3))"
    "   AND ($4::text IS NULL OR action = $4 OR starts_with(action, $4 || '.'))"
    "   AND ($5::text IS NULL OR object = $5)"
    " ORDER BY seq DESC LIMIT $2",
    .row = &audit_row_shape);

enum rc audit_list(struct call *c)
{
    const struct audit_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "audit", &before));
    TRY(db_all(c->s, c->db, &audit_page,
        PARAMS(P_INT(before), P_INT(filter->page.limit), P_TEXT(filter->actor),
            P_TEXT(filter->action), P_TEXT(filter->object)),
        &rows));
    const struct audit_row *last = rows.n ? (struct audit_row *)rows.at + rows.n - 1 : NULL;
    if (last && last->seq == 1)
        return reply_list(c, rows, NULL);
    return reply_page(c, "audit", rows, offsetof(struct audit_row, seq));
}
