/* GET /v1/incidents/{ref}/liability: the estimate that billing keeps (billing/liability), and the
 * amounts from which it is reported to staff. */
#include "api/call/audit_log.h"
#include "api/credits/liability.h"
#include "core/json.h"
#include "core/money.h"

SHAPE_STATIC(struct later, later_shape, "LiabilityForecast",
    FIELD(INT, minutes, .required = true, .doc = "Minutes after at."),
    FIELD(INT, accounts, .required = true, .doc = "Accounts that are owed something then."),
    FIELD(INT, amount_minor, .required = true,
        .doc = "Owed then, if the impacts that are open go on."));
SHAPE_STATIC(struct liability_sum, liability_sum_shape, "LiabilitySum",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217, or DAY."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, accounts, .required = true, .doc = "Accounts that are owed something."),
    FIELD(INT, amount_minor, .required = true, .doc = "Owed at the time of the estimate."),
    FIELD(RAW, forecast, .required = true, .form = FORM_LIST, .of = &later_shape,
        .doc = "After 15, 60 and 240 minutes."));
SHAPE_STATIC(struct liability_threshold, liability_threshold_shape, "LiabilityThreshold",
    FIELD(TIME, at, .required = true, .doc = "Second at which the amount changes."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217, or DAY."),
    FIELD(INT, exponent, .required = true, .doc = "Decimal places of the currency."),
    FIELD(INT, accounts, .required = true, .doc = "Accounts whose amount changes."),
    FIELD(INT, amount_minor, .required = true, .doc = "By how much in all."),
    FIELD(TEXT, uptime_below,
        .doc = "Uptime in percent that the accounts fall below: that of the tier that pays from "
               "then on, or `below` of the policy. A decimal, or a ratio such as 299/3."),
    FIELD(TEXT, down_from_seconds,
        .doc = "Downtime that the accounts reach: that of the tier that pays from then on."),
    FIELD(INT, units,
        .doc = "Units of downtime that steps pay for from then on. None of the three: no tier, "
               "gate or unit is reached; a grace ends, or an amount becomes great enough."));
SHAPE_STATIC(struct liability_policy, liability_policy_shape, "LiabilityPolicy",
    FIELD(TEXT, policy, .required = true, .doc = "Name of the policy."),
    FIELD(INT, version, .required = true, .doc = "Its newest version."),
    FIELD(RAW, sums, .required = true, .form = FORM_LIST, .of = &liability_sum_shape,
        .doc = "By currency."),
    FIELD(RAW, thresholds, .required = true, .form = FORM_LIST, .of = &liability_threshold_shape,
        .doc = "When amounts change next within 240 minutes, at most ten. Amounts that grow "
               "every second have none."));
SHAPE_EXTERN(struct liability, liability_shape, "Liability",
    FIELD(TEXT, incident, .required = true, .doc = "Ref of the incident."),
    FIELD(TIME, at,
        .doc = "Time of the estimate, which is made every ten seconds; absent: none yet."),
    FIELD(BOOL, open, .required = true,
        .doc = "Whether the estimate is still being made; false: it was the last."),
    FIELD(RAW, policies, .required = true, .form = FORM_LIST, .of = &liability_policy_shape,
        .doc = "An estimate of what each current policy owes for this incident alone. "
               "Policies that owe nothing now and in 240 minutes are left out."));

STMT(liability_read,
    "SELECT i.ref AS incident, l.at, coalesce(l.open, false) AS open,"
    " coalesce(l.policies, '[]') AS policies"
    " FROM incident i LEFT JOIN liability l ON l.incident_id = i.id WHERE i.ref = $1",
    .row = &liability_shape);

enum rc liability_get(struct call *c)
{
    struct liability row;
    enum rc rc = db_one(c->s, c->db, &liability_read, PARAMS(P_TEXT(c->param[0])), &row);
    if (rc == RC_NOT_FOUND)
        return fail(c->s, RC_NOT_FOUND, "no incident \"%.100s\"", c->param[0]);
    TRY(rc);
    return reply_object(c, &row);
}

SHAPE_EXTERN(struct liability_alert, liability_alert_shape, "LiabilityAlert",
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(INT, amount_minor, .required = true, .doc = "From this amount on."));
SHAPE_EXTERN(struct liability_alert_change, liability_alert_change_shape, "LiabilityAlertChange",
    FIELD(INT, amount_minor, .required = true, .min = 1, .max = INT64_MAX,
        .doc = "Report to staff, once for each incident, when a policy is estimated to owe it."));

STMT(liability_alerts, "SELECT currency, amount_minor FROM liability_alert ORDER BY currency",
    .row = &liability_alert_shape);
STMT(liability_alert_set,
    "INSERT INTO liability_alert (currency, amount_minor, created_by) VALUES ($1, $2, $3)"
    " ON CONFLICT (currency) DO UPDATE SET amount_minor = excluded.amount_minor,"
    "   created_by = excluded.created_by, created_at = now()");
STMT(liability_alert_drop, "DELETE FROM liability_alert WHERE currency = $1 RETURNING currency");

enum rc liability_alert_list(struct call *c)
{
    struct list rows;
    TRY(db_all(c->s, c->db, &liability_alerts, NO_PARAMS, &rows));
    return reply_list(c, rows, NULL);
}

static enum rc set_alert(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    const struct liability_alert_change *in = c->body;
    TRY(db_do(s, db, &liability_alert_set,
        PARAMS(P_TEXT(c->param[0]), P_INT(in->amount_minor), P_INT(c->key->id)), NULL));
    return audit_add(s, db, call_actor(c), "liability_alert.set",
        scope_printf(s, "liability_alert:%s", c->param[0]),
        scope_printf(s, "{\"amount_minor\":%lld}", (long long)in->amount_minor));
}

enum rc liability_alert_put(struct call *c)
{
    const struct liability_alert_change *in = c->body;
    if (money_exponent(c->param[0]) < 0)
        return fail_field(c->s, RC_INVALID, "currency", "must be a code of ISO 4217, such as EUR");
    TRY(db_txn(c->s, c->db, set_alert, c));
    struct liability_alert row = {.currency = c->param[0], .amount_minor = in->amount_minor};
    return reply_object(c, &row);
}

static enum rc drop_alert(struct scope *s, struct db *db, void *arg)
{
    struct call *c = arg;
    int64_t n;
    TRY(db_do(s, db, &liability_alert_drop, PARAMS(P_TEXT(c->param[0])), &n));
    if (!n)
        return fail(s, RC_NOT_FOUND, "no alert in \"%.10s\"", c->param[0]);
    return audit_add(s, db, call_actor(c), "liability_alert.delete",
        scope_printf(s, "liability_alert:%s", c->param[0]), NULL);
}

enum rc liability_alert_delete(struct call *c)
{
    TRY(db_txn(c->s, c->db, drop_alert, c));
    return reply_nothing(c);
}
