/* /a/{token}/incidents/{ref}: an incident that concerns the account, also one that the public page
 * does not show; of components and windows, those of the account. */
#include "api/account/account.h"
#include "api/account/visit.h"
#include "api/call/page.h"
#include "api/call/session.h"
#include "api/http/language.h"
#include "api/public/incident_page.h"
#include "core/json.h"

enum { TARGET_MAX = 8192 };

STMT(account_incident_head,
    "SELECT i.id, i.ref, " PUBLIC_TITLE ", i.kind, i.state, i.started_at AS at, i.resolved_at,"
    "   (SELECT min(p.due_at) FROM promise p WHERE p.incident_id = i.id AND p.met_at IS NULL)"
    "     AS promised_at,"
    "   coalesce(i.scheduled_from, (SELECT min(from_at)"
    "     FROM amends.account_incident_impacts(a.id, i.id))) AS from_at,"
    "   coalesce(i.scheduled_until, (SELECT max(to_at)"
    "     FROM amends.account_incident_impacts(a.id, i.id))) AS to_at"
    "  FROM account a CROSS JOIN amends.standing_incident i"
    " WHERE a.id = $1 AND i.ref = $2 AND amends.incident_concerns(i.id, a.id)",
    .row = &public_row_shape);
STMT(account_incident_updates_of,
    "SELECT id, state, at, body, body_in, auto_text, NULL AS covers, edited_at"
    " FROM amends.account_incident_updates($1, $2)",
    .row = &public_row_shape);
STMT(account_incident_components_of,
    "SELECT name, translations, level FROM amends.account_incident_components($1, $2)",
    .row = &incident_component_shape);
STMT(account_incident_impacts_of,
    "SELECT name, translations, level, from_at, to_at"
    " FROM amends.account_incident_impacts($1, $2)",
    .row = &incident_impact_shape);

static enum rc read(struct call *c, int64_t account, struct incident_page *ret)
{
    TRY(IF_NONE(db_one(c->s, c->db, &account_incident_head,
                    PARAMS(P_INT(account), P_TEXT(c->param[1])), &ret->head),
        refuse(c, 404, "There is no incident \"%.100s\".", c->param[1])));
    struct params of = PARAMS(P_INT(account), P_INT(ret->head.id));
    TRY(db_all(c->s, c->db, &account_incident_updates_of, of, &ret->updates));
    TRY(db_all(c->s, c->db, &account_incident_components_of, of, &ret->components));
    return db_all(c->s, c->db, &account_incident_impacts_of, of, &ret->impacts);
}

/* To the button, which then goes on to the incident. */
static enum rc lead(struct call *c, const struct account_visit *visit)
{
    STRBUF(to, TARGET_MAX);
    strbuf_addf(&to, "%s?incident=", visit->base);
    strbuf_addpercent(&to, c->param[1]);
    return session_see_other(c, strbuf_copy(&to, c->s));
}

enum rc page_account_incident(struct call *c)
{
    struct account_visit visit;
    struct incident_page page;
    TRY(account_visit_link(c, &visit));
    if (!visit.entered)
        return lead(c, &visit);
    TRY(read(c, visit.account, &page));
    struct cached_page_job job = {.s = c->s,
        .db = c->db,
        .api = c->api,
        .locale = language_of(c->request, NULL)->tag,
        .zone = visit.timezone};
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "open", json_false());
    incident_put(&job, &page, context);
    account_visit_put(&visit, "overview", context);
    return page_reply(c, "incident", public_row_title(&job, &page.head).text, context, true);
}
