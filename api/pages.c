/* The public status page: /, /history, /incidents/{ref}, /static/{name}. */
#include <string.h>

#include "api/page.h"
#include "api/resources.h"
#include "core/clock.h"
#include "core/embed.h"
#include "core/json.h"
#include "templates/template.h"

enum { HISTORY = 100 };

struct page_component {
    const char *name;
    const char *level;
};
#define SHAPE_STRUCT struct page_component
static const struct field page_component_fields[] = {FIELD(TEXT, name), FIELD(TEXT, level)};
static const struct shape page_component_shape = SHAPE("PageComponent", page_component_fields);
#undef SHAPE_STRUCT

struct page_row {
    int64_t id;
    const char *ref;
    const char *title;
    const char *state;
    int64_t at;
    const char *body;
};
#define SHAPE_STRUCT struct page_row
static const struct field page_row_fields[] = {FIELD(INT, id), FIELD(TEXT, ref), FIELD(TEXT, title),
    FIELD(TEXT, state), FIELD(TIME, at), FIELD(TEXT, body)};
static const struct shape page_row_shape = SHAPE("PageRow", page_row_fields);
#undef SHAPE_STRUCT

STMT(page_components,
    "SELECT c.name, coalesce((SELECT max(m.level)::text FROM current_impact m"
    "    WHERE m.component_id = c.id AND m.to_at IS NULL AND m.from_at <= now()),"
    "    'operational') AS level"
    "  FROM component c LEFT JOIN component_group g ON g.id = c.group_id"
    " ORDER BY g.slug NULLS FIRST, c.id",
    .row = &page_component_shape);
STMT(page_open_incidents,
    "SELECT i.id, i.ref, i.title, i.state, u.posted_at AS at, u.body FROM incident i"
    "  JOIN LATERAL (SELECT posted_at, body FROM incident_update WHERE incident_id = i.id"
    "     ORDER BY id DESC LIMIT 1) u ON true"
    " WHERE i.state NOT IN ('resolved', 'postmortem', 'completed') ORDER BY i.id DESC LIMIT 50",
    .row = &page_row_shape);
STMT(page_past_incidents,
    "SELECT id, ref, title, state, started_at AS at FROM incident"
    " ORDER BY started_at DESC, id DESC LIMIT $1",
    .row = &page_row_shape);
STMT(page_incident_head,
    "SELECT id, ref, title, state, started_at AS at FROM incident WHERE ref = $1",
    .row = &page_row_shape);
STMT(page_incident_updates,
    "SELECT id, state, posted_at AS at, body FROM incident_update WHERE incident_id = $1"
    " ORDER BY id DESC",
    .row = &page_row_shape);

/* "major_outage" to "Major outage". */
static json_t *label(struct scope *s, const char *word)
{
    char *text = scope_strdup(s, word);
    for (char *p = text; *p; p++)
        if (*p == '_')
            *p = ' ';
    if (*text >= 'a' && *text <= 'z')
        *text = (char)(*text - 'a' + 'A');
    return json_string(text);
}

static json_t *row_json(struct scope *s, const struct page_row *row)
{
    char *html = NULL;
    json_t *json = json_object();
    if (row->body && markdown_html(s, row->body, &html) != RC_OK)
        html = NULL;
    json_object_set_new(json, "id", json_integer(row->id));
    json_object_set_new(json, "ref", row->ref ? json_string(row->ref) : json_null());
    json_object_set_new(json, "title", row->title ? json_string(row->title) : json_null());
    json_object_set_new(json, "state", label(s, row->state));
    json_object_set_new(json, "at", json_string(clock_rfc3339(s, row->at)));
    json_object_set_new(json, "at_text", json_string(clock_local(s, row->at, "UTC")));
    json_object_set_new(json, "body_html", html ? json_string(html) : json_null());
    return json;
}

static json_t *rows_json(struct scope *s, const struct list *rows)
{
    json_t *list = json_array();
    for (size_t i = 0; i < rows->n; i++)
        json_array_append_new(list, row_json(s, (const struct page_row *)rows->at + i));
    return list;
}

enum rc page_home(struct call *c)
{
    struct list components, open;
    TRY(db_all(c->s, c->db, &page_components, NO_PARAMS, &components));
    TRY(db_all(c->s, c->db, &page_open_incidents, NO_PARAMS, &open));
    json_t *context = json_own(c->s, json_object()), *list = json_array();
    for (size_t i = 0; i < components.n; i++) {
        const struct page_component *at = (const struct page_component *)components.at + i;
        json_t *json = json_object();
        json_object_set_new(json, "name", json_string(at->name));
        json_object_set_new(json, "level", json_string(at->level));
        json_object_set_new(json, "label", label(c->s, at->level));
        json_array_append_new(list, json);
    }
    json_object_set_new(context, "components", list);
    json_object_set_new(context, "incidents", rows_json(c->s, &open));
    json_object_set_new(context, "quiet", json_boolean(!open.n));
    return page_reply(c, "home", "Status", context, false);
}

enum rc page_history(struct call *c)
{
    struct list rows;
    TRY(db_all(c->s, c->db, &page_past_incidents, PARAMS(P_INT(HISTORY)), &rows));
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "incidents", rows_json(c->s, &rows));
    return page_reply(c, "history", "History", context, false);
}

enum rc page_incident(struct call *c)
{
    struct page_row head;
    struct list updates;
    enum rc rc = db_one(c->s, c->db, &page_incident_head, PARAMS(P_TEXT(c->param[0])), &head);
    if (rc == RC_NOT_FOUND)
        return fail(c->s, rc, "There is no incident \"%.100s\".", c->param[0]);
    TRY(rc);
    TRY(db_all(c->s, c->db, &page_incident_updates, PARAMS(P_INT(head.id)), &updates));
    json_t *context = json_own(c->s, json_object());
    json_object_set_new(context, "incident", row_json(c->s, &head));
    json_object_set_new(context, "updates", rows_json(c->s, &updates));
    return page_reply(c, "incident", head.title, context, false);
}

enum rc static_get(struct call *c)
{
    const struct embed *file = embed_find(scope_printf(c->s, "api/static/%s", c->param[0]));
    if (!file || !strstr(file->path, ".css"))
        return refuse(c, 404, "there is nothing at this path");
    strbuf_add(&c->reply.body, file->text, file->len);
    c->reply.status = 200;
    c->reply.type = "text/css; charset=utf-8";
    reply_header(c, "Cache-Control", "public, max-age=3600");
    return RC_OK;
}
