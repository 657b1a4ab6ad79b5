/* / : current status per component, and the last 90 days. */
#include <string.h>

#include "api/public/bars.h"
#include "api/public/public.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/money.h"
#include "templates/label.h"

enum { SVG_MAX = 64 * 1024, RECENT_DAYS = 14 };

SHAPE_STATIC(struct component, home_component_shape, "HomeComponent", FIELD(INT, id),
    FIELD(TEXT, slug), FIELD(TEXT, name), FIELD(TEXT, description), FIELD(TEXT, translations),
    FIELD(TEXT, group_slug), FIELD(TEXT, group_name), FIELD(TEXT, group_description),
    FIELD(TEXT, group_translations), FIELD(TEXT, level), FIELD(TIME, since));

SHAPE_STATIC(struct trouble, home_trouble_shape, "HomeTrouble", FIELD(INT, component_id),
    FIELD(TEXT, level), FIELD(TIME, from_at), FIELD(TIME, to_at), FIELD(TEXT, ref),
    FIELD(TEXT, title), FIELD(TEXT, translations));

STMT(home_components,
    "SELECT c.id, c.slug, c.name, c.description, c.translations, g.slug AS group_slug,"
    "   amends.group_name(g) AS group_name, g.description AS group_description,"
    "   g.translations AS group_translations, l.level,"
    "   c.created_at AS since"
    "  FROM component c LEFT JOIN component_group g ON g.id = c.group_id,"
    "   LATERAL (SELECT amends.statuspage_level(c.id, now()) AS level) l"
    " WHERE c.archived_at IS NULL AND (l.level <> 'operational' OR NOT c.only_show_if_degraded)"
    " ORDER BY g.position NULLS FIRST, g.id, c.position, c.id",
    .row = &home_component_shape);
STMT(home_troubles,
    "SELECT m.component_id, m.level::text, m.from_at, m.to_at, i.ref, i.title, i.translations"
    "  FROM amends.current_impact m JOIN amends.public_incident i ON i.id = m.incident_id"
    " WHERE coalesce(m.to_at, now()) > now() - interval '91 days' AND m.from_at < now()"
    " ORDER BY m.component_id, m.from_at, m.id",
    .row = &home_trouble_shape);
STMT(home_open,
    "SELECT i.id, i.ref, " PUBLIC_TITLE ", i.kind, u.state, u.posted_at AS at, " PUBLIC_BODY ","
    "   i.scheduled_from AS from_at, i.scheduled_until AS to_at,"
    "   (SELECT min(p.due_at) FROM promise p WHERE p.incident_id = i.id AND p.met_at IS NULL)"
    "     AS promised_at"
    "  FROM amends.public_incident i JOIN LATERAL (SELECT state, posted_at, body, translations, "
    "auto FROM "
    "incident_update"
    "     WHERE incident_id = i.id ORDER BY id DESC LIMIT 1) u ON true"
    " WHERE i.state NOT IN ('resolved', 'postmortem', 'completed', 'cancelled', 'scheduled')"
    " ORDER BY i.id DESC LIMIT 50",
    .row = &public_row_shape);
STMT(home_upcoming,
    "SELECT i.id, i.ref, " PUBLIC_TITLE ", i.kind, i.state, u.posted_at AS at, " PUBLIC_BODY ","
    "   " PUBLIC_WINDOW "  FROM amends.public_incident i JOIN LATERAL (SELECT posted_at, body, "
    "translations, auto FROM incident_update"
    "     WHERE incident_id = i.id ORDER BY id DESC LIMIT 1) u ON true"
    " WHERE i.state = 'scheduled' ORDER BY from_at NULLS LAST, i.id LIMIT 20",
    .row = &public_row_shape);

/* $1: the first day. Each with its last text, but for a post-mortem's. */
STMT(home_recent,
    "SELECT i.id, i.ref, " PUBLIC_TITLE
    ", i.kind, i.state, i.started_at AS at, i.resolved_at, " PUBLIC_BODY ", " PUBLIC_COMPONENTS
    "  FROM amends.public_incident i JOIN LATERAL (SELECT body, translations, auto FROM "
    "incident_update"
    "     WHERE incident_id = i.id ORDER BY state = 'postmortem', id DESC LIMIT 1) u ON true"
    " WHERE i.state IN ('resolved', 'postmortem', 'completed') AND i.started_at >= $1"
    " ORDER BY i.started_at DESC, i.id DESC LIMIT 100",
    .row = &public_row_shape);

/* The impacts of a component, in order of their start. */
static struct bars_impact *impacts_of(const struct cached_page_job *job,
    const struct component *component, const struct list *troubles, size_t *ret_n)
{
    const struct trouble *at = troubles->at;
    struct bars_impact *impacts = SCOPE_ARRAY(job->s, struct bars_impact, troubles->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < troubles->n; i++)
        if (at[i].component_id == component->id)
            impacts[n++] = (struct bars_impact){at[i].level, at[i].from_at, at[i].to_at, at[i].ref,
                translation_of(job->s, at[i].translations, job->locale, "title", at[i].title).text};
    *ret_n = n;
    return impacts;
}

/* Midnight UTC; days: 0 today, 1 yesterday. */
static int64_t day_start(int days)
{
    int64_t day = 86400 * CLOCK_SECOND, now = clock_now();
    return now - now % day - days * day;
}

static struct bars_words words_of(
    const struct cached_page_job *job, const char *name, const char *uptime)
{
    struct bars_words words = {.locale = job->locale,
        .label = scope_printf(job->s, "%s: %s %s", name, uptime,
            label_text(job->s, job->locale, "page", "uptime_90"))};
    for (int level = 0; level <= BARS_NONE; level++)
        words.level[level] =
            label_text(job->s, job->locale, "level", bars_word((enum bars_level)level));
    return words;
}

static void put_description(
    const struct cached_page_job *job, json_t *json, const char *translations, const char *text)
{
    struct translation said =
        translation_of(job->s, translations, job->locale, "description", text);
    public_put_said(job, json, "description", &said);
}

static json_t *component_json(
    const struct cached_page_job *job, const struct component *row, const struct list *troubles)
{
    size_t n;
    struct bars bars;
    struct bars_impact *impacts = impacts_of(job, row, troubles, &n);
    bars_count(impacts, n, row->since, clock_now(), &bars);
    int share = bars_uptime(&bars);
    const char *digits = scope_printf(job->s, "%d.%02d", share / 100, share % 100);
    const char *uptime =
        scope_printf(job->s, "%s\u00a0%%", decimal_local(job->s, digits, job->locale));
    struct translation name =
        translation_of(job->s, row->translations, job->locale, "name", row->name);
    struct bars_words words = words_of(job, name.text, uptime);
    STRBUF(b, SVG_MAX);
    bars_svg(job->s, &bars, impacts, n, &words, &b);
    json_t *json = json_object();
    json_object_set_new(json, "name", json_string(name.text));
    put_description(job, json, row->translations, row->description);
    json_object_set_new(json, "level", json_string(row->level));
    json_object_set_new(
        json, "label", json_string(label_text(job->s, job->locale, "level", row->level)));
    json_object_set_new(json, "uptime", json_string(uptime));
    json_object_set_new(json, "bars_svg", json_stringn(b.buf, b.len));
    return json;
}

static json_t *groups_json(
    const struct cached_page_job *job, const struct list *components, const struct list *troubles)
{
    json_t *groups = json_array(), *members = NULL;
    const char *last = "";
    for (size_t i = 0; i < components->n; i++) {
        const struct component *row = (const struct component *)components->at + i;
        const char *group = row->group_slug ? row->group_slug : "";
        if (!members || strcmp(group, last) != 0) {
            json_t *json = json_object();
            members = json_array();
            struct translation name = translation_of(
                job->s, row->group_translations, job->locale, "name", row->group_name);
            json_object_set_new(json, "name", name.text ? json_string(name.text) : json_null());
            put_description(job, json, row->group_translations, row->group_description);
            json_object_set_new(json, "components", members);
            json_array_append_new(groups, json);
            last = group;
        }
        json_array_append_new(members, component_json(job, row, troubles));
    }
    return groups;
}

/* The days from today on back, also those without an incident. */
static json_t *days_json(const struct cached_page_job *job, const struct list *recent)
{
    const struct public_row *row = recent->at;
    json_t *days = json_array();
    size_t i = 0;
    for (int d = 0; d < RECENT_DAYS; d++) {
        int64_t start = day_start(d);
        json_t *day = json_object(), *incidents = json_array();
        for (; i < recent->n && row[i].at >= start; i++)
            json_array_append_new(incidents, public_row_json(job, &row[i]));
        const char *date = scope_strndup(job->s, clock_rfc3339(job->s, start), 10);
        json_object_set_new(day, "date", json_string(date));
        json_object_set_new(day, "date_text", json_string(label_day(job->s, job->locale, date)));
        json_object_set_new(day, "incidents", incidents);
        json_array_append_new(days, day);
    }
    return days;
}

static enum rc render_home(struct cached_page_job *job)
{
    struct list components, troubles, open, upcoming, recent;
    const char *indicator = "none";
    TRY(db_all(job->s, job->db, &home_components, NO_PARAMS, &components));
    TRY(db_all(job->s, job->db, &home_troubles, NO_PARAMS, &troubles));
    TRY(db_all(job->s, job->db, &home_open, NO_PARAMS, &open));
    TRY(db_all(job->s, job->db, &home_upcoming, NO_PARAMS, &upcoming));
    TRY(db_all(job->s, job->db, &home_recent, PARAMS(P_TIME(day_start(RECENT_DAYS - 1))), &recent));
    TRY(public_indicator(job, &indicator));
    json_t *context = json_own(job->s, json_object());
    json_object_set_new(context, "days", days_json(job, &recent));
    json_object_set_new(context, "groups", groups_json(job, &components, &troubles));
    json_object_set_new(context, "incidents", public_rows_json(job, &open));
    json_object_set_new(context, "maintenances", public_rows_json(job, &upcoming));
    json_object_set_new(context, "indicator", json_string(indicator));
    json_object_set_new(
        context, "summary", json_string(label_text(job->s, job->locale, "indicator", indicator)));
    return public_page(job, "home", "status", context);
}

/* For a frame in your product: the state in one line, and open incidents. */
static enum rc render_embed(struct cached_page_job *job)
{
    struct list open;
    const char *indicator = "none";
    TRY(db_all(job->s, job->db, &home_open, NO_PARAMS, &open));
    TRY(public_indicator(job, &indicator));
    json_t *context = json_own(job->s, json_object());
    json_object_set_new(context, "incidents", public_rows_json(job, &open));
    json_object_set_new(context, "indicator", json_string(indicator));
    json_object_set_new(
        context, "summary", json_string(label_text(job->s, job->locale, "indicator", indicator)));
    return public_page(job, "embed", "status", context);
}

const struct cached_page_kind public_embed = {
    .type = "text/html; charset=utf-8", .page = true, .warm = true, .render = render_embed};
const struct cached_page_kind public_home = {
    .type = "text/html; charset=utf-8", .page = true, .warm = true, .render = render_home};
