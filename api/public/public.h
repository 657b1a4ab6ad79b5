#pragma once
/* The public documents and their shared parts. */
#include "api/call/call.h"
#include <jansson.h>

#include "api/public/page_cache.h"
#include "templates/translation.h"

extern const struct cached_page_kind public_embed, public_home, public_history, public_month;
extern const struct cached_page_kind public_incident, public_sla, public_sla_json;
extern const struct cached_page_kind public_atom, public_rss, public_json, public_calendar;
extern const struct cached_page_kind public_badge, history_atom, history_rss;

struct public_row {
    int64_t id;
    const char *ref;
    const char *title;
    const char *title_in; /* translations of the title and the body, JSON (translation.h) */
    const char *body_in;
    const char *kind;
    const char *state;
    int64_t at;            /* time of the update, or of the start */
    const char *body;      /* Markdown, or NULL */
    const char *auto_text; /* the label that replaces the body, or NULL */
    const char *covers;    /* incidents of a post-mortem of several, JSON; or NULL */
    int64_t edited_at;     /* of an update, or SHAPE_NONE */
    int64_t promised_at;   /* the next update, or SHAPE_NONE */
    int64_t from_at;       /* scheduled window of a maintenance, or SHAPE_NONE */
    int64_t to_at;
    int64_t resolved_at;
    const char *components; /* [{name, in}] of those affected, JSON; or NULL */
};
extern const struct shape public_row_shape;

/* The title of incident i, and the text of update u. */
#define PUBLIC_TITLE "i.title, i.translations AS title_in"
#define PUBLIC_BODY "u.body, u.translations AS body_in, u.auto AS auto_text"
/* The incidents of a post-mortem, of a whole row u of incident_update. */
#define PUBLIC_COVERS \
    "CASE u.state WHEN 'postmortem' THEN amends.postmortem_covers(u.id)::text END AS covers"

/* Whether update u is news for a feed: history that was imported with its own times is not. */
#define PUBLIC_NEWS \
    "(u.posted_at > u.created_at - interval '1 day'" \
    " OR EXISTS (SELECT FROM broadcast b WHERE b.update_id = u.id))"

/* The columns from_at and to_at of incident i: scheduled or actual. */
#define PUBLIC_WINDOW \
    "coalesce(i.scheduled_from, (SELECT min(m.from_at) FROM amends.current_impact m" \
    "  WHERE m.incident_id = i.id)) AS from_at, coalesce(i.scheduled_until," \
    " (SELECT max(m.to_at) FROM amends.current_impact m WHERE m.incident_id = i.id)) AS to_at"

/* The column components of incident i. */
#define PUBLIC_COMPONENTS \
    "(SELECT json_agg(json_build_object('name', c.name, 'in', c.translations::text)" \
    "   ORDER BY c.name) FROM (SELECT DISTINCT component_id FROM amends.current_impact" \
    "     WHERE incident_id = i.id) m JOIN component c ON c.id = m.component_id) AS components"

/* The title of an incident and the Markdown text of an update (NULL: none) for the job's reader. */
struct translation public_row_title(
    const struct cached_page_job *job, const struct public_row *row);
struct translation public_row_text(const struct cached_page_job *job, const struct public_row *row);

/* That text as HTML, with the incidents that a post-mortem covers; NULL: none, or it cannot be
 * formatted. */
const char *public_row_html(
    const struct cached_page_job *job, const struct public_row *row, const char *markdown);

/* Put a text, and as NAME_lang its language if that is not the document's, else null. */
void public_put_said(const struct cached_page_job *job, json_t *json, const char *name,
    const struct translation *said);

/* An incident for templates: texts and labels in the job's language, times, Markdown as HTML. */
json_t *public_row_json(const struct cached_page_job *job, const struct public_row *row);
json_t *public_rows_json(const struct cached_page_job *job, const struct list *rows);

/* The worst level of all open incidents: none, minor, major, critical; or maintenance, if nothing
 * is worse (Statuspage's indicator). */
enum rc public_indicator(const struct cached_page_job *job, const char **ret);

/* Render a page template into job->out. */
enum rc public_page(
    struct cached_page_job *job, const char *name, const char *title, json_t *context);

/* Render templates/page/<name>.en.<suffix> into job->out. */
enum rc public_document(
    struct cached_page_job *job, const char *name, const char *suffix, json_t *context);

extern const struct route_list public_routes;

enum rc static_get(struct call *c);
