/* /a/{token}: the button that begins a session; then the components of the account now, and the
 * incidents and maintenance that concern it. */
#include <string.h>

#include "api/account/account.h"
#include "api/account/credits.h"
#include "api/account/oidc.h"
#include "api/account/visit.h"
#include "api/call/form.h"
#include "api/call/page.h"
#include "api/call/session.h"
#include "api/http/language.h"
#include "api/reports/sla_report.h"
#include "core/json.h"
#include "templates/label.h"
#include "templates/translation.h"

SHAPE_STATIC(struct own_component, own_component_shape, "OwnComponent", FIELD(TEXT, slug),
    FIELD(TEXT, name), FIELD(TEXT, name_in), FIELD(TEXT, group_name), FIELD(TEXT, group_in),
    FIELD(TEXT, level));
STMT(account_page_components,
    "SELECT slug, name, name_in, group_name, group_in, level FROM amends.account_components($1)",
    .row = &own_component_shape);

SHAPE_STATIC(struct own_incident, own_incident_shape, "OwnIncident", FIELD(TEXT, ref),
    FIELD(TEXT, title), FIELD(TEXT, title_in), FIELD(TEXT, state), FIELD(TEXT, phase),
    FIELD(TIME, from_at), FIELD(TIME, to_at), FIELD(RAW, components));
/* All that are open or planned, and the last hundred of the past. */
STMT(account_page_incidents,
    "SELECT ref, title, title_in, state, phase, from_at, to_at, components"
    " FROM (SELECT *, row_number() OVER (PARTITION BY phase ORDER BY n) AS nth"
    "   FROM (SELECT *, row_number() OVER () AS n FROM amends.account_incidents($1)) x) x"
    " WHERE phase <> 'past' OR nth <= 100 ORDER BY n",
    .row = &own_incident_shape);

static void put(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, text ? json_string(text) : json_null());
}

static json_t *component_json(struct scope *s, const struct own_component *row, const char *locale)
{
    json_t *json = json_object();
    put(json, "name", translation_of(s, row->name_in, locale, "name", row->name).text);
    put(json, "group",
        row->group_name ? translation_of(s, row->group_in, locale, "name", row->group_name).text
                        : NULL);
    put(json, "level", row->level);
    put(json, "label", label_text(s, locale, "level", row->level));
    return json;
}

/* The indicator of the public page for the worst of these levels. */
static const char *indicator_of(const struct list *rows)
{
    static const struct {
        const char *level, *indicator;
    } levels[] = {{"major_outage", "critical"}, {"partial_outage", "major"},
        {"degraded_performance", "minor"}, {"under_maintenance", "maintenance"}};
    const struct own_component *at = rows->at;
    for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++)
        for (size_t i = 0; i < rows->n; i++)
            if (!strcmp(at[i].level, levels[k].level))
                return levels[k].indicator;
    return "none";
}

static enum rc put_components(
    struct call *c, const struct account_visit *visit, const char *locale, json_t *context)
{
    struct list rows;
    json_t *list = json_array();
    json_object_set_new(context, "components", list);
    TRY(db_all(c->s, c->db, &account_page_components, PARAMS(P_INT(visit->account)), &rows));
    for (size_t i = 0; i < rows.n; i++)
        json_array_append_new(
            list, component_json(c->s, (const struct own_component *)rows.at + i, locale));
    const char *indicator = indicator_of(&rows);
    put(context, "indicator", indicator);
    put(context, "summary", label_text(c->s, locale, "indicator", indicator));
    return RC_OK;
}

static enum rc incident_json(struct call *c, const struct own_incident *row,
    const struct account_visit *visit, const char *locale, json_t **ret)
{
    json_t *names = json_array(), *components, *one;
    size_t i;
    TRY(json_parse(c->s, row->components, strlen(row->components), &components));
    json_array_foreach(components, i, one)
    {
        struct translation name = translation_of(
            c->s, json_get_text(one, "in"), locale, "name", json_get_text(one, "name"));
        json_array_append_new(names, json_string(name.text));
    }
    *ret = json_object();
    put(*ret, "ref", row->ref);
    put(*ret, "title", translation_of(c->s, row->title_in, locale, "title", row->title).text);
    put(*ret, "state", row->state);
    put(*ret, "state_label", label_text(c->s, locale, "state", row->state));
    put(*ret, "when",
        row->to_at == SHAPE_NONE
            ? label_time(c->s, locale, row->from_at, visit->timezone)
            : label_times(c->s, locale, row->from_at, row->to_at, visit->timezone));
    json_object_set_new(*ret, "components", names);
    return RC_OK;
}

static enum rc put_incidents(
    struct call *c, const struct account_visit *visit, const char *locale, json_t *context)
{
    static const char *const phases[] = {"open", "planned", "past", NULL};
    struct list rows;
    for (size_t i = 0; phases[i]; i++)
        json_object_set_new(context, phases[i], json_array());
    TRY(db_all(c->s, c->db, &account_page_incidents, PARAMS(P_INT(visit->account)), &rows));
    const struct own_incident *at = rows.at;
    for (size_t i = 0; i < rows.n; i++) {
        json_t *json;
        TRY(incident_json(c, &at[i], visit, locale, &json));
        json_array_append_new(json_object_get(context, at[i].phase), json);
    }
    return RC_OK;
}

/* The window that goes on, of an account with billing periods of its own. */
static enum rc add_period(
    struct call *c, const struct account_visit *visit, const char *locale, json_t *list)
{
    struct sla_account report;
    json_t *whole = json_own(c->s, json_object());
    TRY(sla_report_read(
        c->s, c->db, visit->account, (struct sla_query){.unit = "billing"}, &report));
    TRY(sla_report_put(c->s, &report, locale, whole));
    json_t *windows = json_object_get(whole, "windows");
    json_t *last = json_array_get(windows, json_array_size(windows) - 1);
    if (!last)
        return RC_OK;
    json_object_set_new(last, "own", json_true());
    json_array_append(list, last);
    return RC_OK;
}

/* The uptime of this month and the last one. */
static enum rc put_uptime(
    struct call *c, const struct account_visit *visit, const char *locale, json_t *context)
{
    struct sla_account report;
    json_t *whole = json_own(c->s, json_object()), *list = json_array();
    json_object_set_new(context, "uptime", list);
    TRY(sla_report_read(
        c->s, c->db, visit->account, (struct sla_query){.unit = sla_units[0]}, &report));
    TRY(sla_report_put(c->s, &report, locale, whole));
    const json_t *windows = json_object_get(whole, "windows");
    for (size_t n = json_array_size(windows), i = n; i-- > 0 && i + 2 >= n;) {
        json_t *window = json_array_get(windows, i);
        json_object_set_new(window, "own", json_false());
        json_array_append(list, window);
    }
    return report.periods ? add_period(c, visit, locale, list) : RC_OK;
}

/* The button tells nothing of the account, since anybody who fetches the link sees it. */
static enum rc ask(struct call *c, const struct account_visit *visit)
{
    json_t *context = json_own(c->s, json_object());
    struct form form = {0};
    TRY(form_read(c, &form));
    put(context, "action", visit->base);
    put(context, "incident", form_text(&form, "incident", NULL));
    put(context, "login", visit->by_login ? account_oidc_path(c, visit->external_id) : NULL);
    json_object_set_new(context, "joins", json_false());
    return page_reply(c, "account_enter", "account_page", context, true);
}

enum rc page_account(struct call *c)
{
    struct account_visit visit;
    json_t *context = json_own(c->s, json_object());
    const char *locale = language_of(c->request, NULL)->tag;
    TRY(account_visit_link(c, &visit));
    if (!visit.entered)
        return ask(c, &visit);
    TRY(put_components(c, &visit, locale, context));
    TRY(put_incidents(c, &visit, locale, context));
    TRY(put_uptime(c, &visit, locale, context));
    TRY(account_credits_put(c, visit.account, locale, context));
    account_visit_put(&visit, "overview", context);
    return page_reply(c, "account", "account_page", context, true);
}

enum rc page_account_enter(struct call *c)
{
    struct account_visit visit;
    struct form form = {0};
    TRY(account_visit_link(c, &visit));
    TRY(form_read(c, &form));
    if (!strcmp(form_text(&form, "do", ""), "leave"))
        return account_visit_end(c, &visit);
    if (visit.by_login)
        return session_see_other(c, visit.base);
    return account_visit_begin(
        c, &visit, account_visit_target(c, &visit, form_text(&form, "incident", NULL)));
}
