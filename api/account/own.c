/* GET /v1/account, /v1/account/incidents, /v1/account/uptime, /v1/account/credits and
 * /v1/account/credits/{id}, for a key of an account. */
#include "api/account/own.h"

#include "api/account/account.h"
#include "api/account/credits.h"
#include "api/call/list_page.h"
#include "api/credits/credit_workings.h"
#include "api/reports/sla_report.h"

static const struct shape own_account_row =
    SHAPE("OwnAccountRow", struct own_account, FIELD(INT, id), FIELD(TEXT, external_id),
        FIELD(TEXT, name), FIELD(TEXT, timezone), FIELD(TEXT, currency), FIELD(TEXT, plan));
STMT(own_account_read,
    "SELECT id, external_id, name, timezone, currency, plan FROM account WHERE id = $1",
    .row = &own_account_row);

SHAPE_STATIC(struct own_part, own_part_shape, "OwnAccountComponent",
    FIELD(TEXT, component, .required = true, .doc = "Slug."),
    FIELD(TEXT, name, .required = true, .doc = "Its name."),
    FIELD(TEXT, group, .doc = "Name of its group."),
    FIELD(TEXT, level, .required = true, .doc = "Its level now, for this account."));
SHAPE_EXTERN(struct own_overview, own_overview_shape, "OwnAccount",
    FIELD(TEXT, external_id, .required = true, .doc = "The id of the account."),
    FIELD(TEXT, name, .required = true, .doc = "Its name."),
    FIELD(TEXT, timezone, .required = true, .doc = "IANA name."),
    FIELD(TEXT, currency, .required = true, .doc = "ISO 4217."),
    FIELD(TEXT, plan, .doc = "Name of its plan."),
    FIELD(RAW, components, .required = true, .form = FORM_LIST, .of = &own_part_shape,
        .doc = "Those that it uses."),
    FIELD(INT, open_incidents, .required = true, .doc = "How many concern it now."),
    FIELD(INT, planned_maintenance, .required = true, .doc = "How many will."));
STMT(own_overview_read,
    "SELECT a.external_id, a.name, a.timezone, a.currency, a.plan,"
    "   (SELECT coalesce(json_agg(json_strip_nulls(json_build_object('component', x.slug,"
    "     'name', x.name, 'group', x.group_name, 'level', x.level)) ORDER BY x.n), '[]')"
    "     FROM amends.account_components(a.id) WITH ORDINALITY AS"
    "       x (slug, name, name_in, group_name, group_in, level, n)) AS components,"
    "   i.open_incidents, i.planned_maintenance"
    " FROM account a CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE phase = 'open')"
    "     AS open_incidents, count(*) FILTER (WHERE phase = 'planned') AS planned_maintenance"
    "     FROM amends.account_incidents(a.id)) i"
    " WHERE a.id = $1",
    .row = &own_overview_shape);

SHAPE_EXTERN(struct own_incident_row, own_incident_row_shape, "OwnIncident",
    FIELD(INT, id, .secret = true, .doc = "For the cursor."),
    FIELD(TEXT, ref, .required = true, .doc = "ref."),
    FIELD(TEXT, title, .required = true, .doc = "Title."),
    FIELD(TEXT, kind, .required = true, .doc = "incident or maintenance."),
    FIELD(TEXT, state, .required = true, .doc = "State."),
    FIELD(TEXT, phase, .required = true, .doc = "open, planned or past."),
    FIELD(TIME, from, .required = true, .doc = "Start, of a maintenance as planned."),
    FIELD(TIME, to, .doc = "End, of a maintenance as planned."),
    FIELD(RAW, components, .required = true, .form = FORM_TEXTS,
        .doc = "Slugs of those that the account uses."));
STMT(own_incidents,
    "SELECT id, ref, title, kind, state, phase, from_at AS \"from\", to_at AS \"to\","
    "   (SELECT coalesce(json_agg(x->>'slug'), '[]') FROM json_array_elements(components) x)"
    "     AS components"
    " FROM amends.account_incidents($1, $2, $3)",
    .row = &own_incident_row_shape);

STMT(own_credit,
    "SELECT id FROM credit WHERE id = $1 AND account_id = $2 AND issued_at IS NOT NULL"
    "   AND state NOT IN ('draft', 'void')",
    .row = &row_int);

enum rc own_account(struct call *c, struct own_account *ret)
{
    if (!c->key->account)
        return fail(
            c->s, RC_DENIED, "only a key of an account reads this: create one with account");
    return db_one(c->s, c->db, &own_account_read, PARAMS(P_INT(c->key->account)), ret);
}

enum rc own_account_get(struct call *c)
{
    struct own_account own;
    struct own_overview overview;
    TRY(own_account(c, &own));
    TRY(db_one(c->s, c->db, &own_overview_read, PARAMS(P_INT(own.id)), &overview));
    return reply_object(c, &overview);
}

enum rc own_incident_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    struct own_account own;
    struct list rows;
    int64_t before;
    TRY(own_account(c, &own));
    TRY(page_open(c, "own_incidents", &before));
    TRY(db_all(c->s, c->db, &own_incidents,
        PARAMS(P_INT(own.id), P_INT(before), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "own_incidents", rows, offsetof(struct own_incident_row, id));
}

enum rc own_uptime_get(struct call *c)
{
    struct own_account own;
    TRY(own_account(c, &own));
    return sla_report_reply(c, own.external_id);
}

enum rc own_credit_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    struct own_account own;
    struct list rows;
    int64_t before;
    TRY(own_account(c, &own));
    TRY(page_open(c, "own_credits", &before));
    TRY(account_credits_read(c, own.id, before, filter->page.limit, &rows));
    return reply_page(c, "own_credits", rows, offsetof(struct account_credit, id));
}

enum rc own_credit_get(struct call *c)
{
    struct own_account own;
    int64_t id, own_id;
    TRY(own_account(c, &own));
    TRY(call_id(c, 0, &id));
    TRY(IF_NONE(db_one(c->s, c->db, &own_credit, PARAMS(P_INT(id), P_INT(own.id)), &own_id),
        fail(c->s, RC_NOT_FOUND, "the account has no credit %lld", (long long)id)));
    return credit_workings_reply(c, own_id);
}
