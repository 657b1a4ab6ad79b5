/* GET POST /v1/incident-templates, PATCH DELETE .../{id}: templates for incidents. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/list_page.h"
#include "api/incidents/incident.h"
#include "api/call/lookup.h"
#include "api/incidents/incidents.h"

static const char *const kinds[] = {"incident", "maintenance", NULL};

SHAPE_EXTERN(struct incident_template, incident_template_shape, "IncidentTemplate",
    FIELD(INT, id, .required = true, .doc = "Id of the template."),
    FIELD(TEXT, name, .required = true, .doc = "Name of the template."),
    FIELD(TEXT, kind, .required = true, .doc = "incident or maintenance."),
    FIELD(TEXT, title, .required = true, .doc = "Title of the incident."),
    FIELD(TEXT, state, .required = true, .doc = "State of the first update."),
    FIELD(TEXT, body, .required = true, .doc = "Text of the first update, Markdown."),
    TRANSLATIONS_REPLY(post_texts_shape),
    FIELD(RAW, components, .required = true, .form = FORM_LIST, .of = &post_component_shape,
        .doc = "Affected components."),
    FIELD(INT, next_update_minutes, .doc = "Minutes to the promised next update."),
    FIELD(TIME, changed_at, .required = true, .doc = "Time of the last change."));

struct template_fields {
    const char *name, *kind, *title, *state, *body;
    const json_t *translations;
    struct list components;
    int64_t next_update_minutes;
};
#define TEMPLATE_FIELDS(needed) \
    FIELD(TEXT, name, .required = needed, .min = 1, .max = 100, .doc = "Unique."), \
        FIELD(TEXT, title, .required = needed, .min = 1, .max = 250, \
            .doc = "Title of the incident."), \
        FIELD(TEXT, state, .required = needed, .one_of = incident_states, \
            .doc = "State of the first update."), \
        FIELD(TEXT, body, .required = needed, .multiline = true, .min = 1, .max = POST_BODY_MAX, \
            .doc = "Markdown."), \
        TRANSLATIONS_FIELD(post_texts_shape, "title and body"), \
        FIELD(LIST, components, .of = &post_component_shape, .max = 500, \
            .doc = "Affected components."), \
        FIELD(INT, next_update_minutes, .min = 1, .max = 525600, \
            .doc = "Minutes to the promised next update.")
const struct shape new_incident_template_shape =
    SHAPE("IncidentTemplateCreate", struct template_fields, TEMPLATE_FIELDS(true),
        FIELD(TEXT, kind, .one_of = kinds, .def = "incident", .doc = "incident or maintenance."));
const struct shape incident_template_change_shape =
    SHAPE("IncidentTemplateChange", struct template_fields, TEMPLATE_FIELDS(false),
        FIELD(TEXT, kind, .one_of = kinds, .doc = "incident or maintenance."));

#define TEMPLATE_SELECT \
    "SELECT t.id, t.name, t.kind, t.title, t.state, t.body," \
    "   nullif(t.translations, '{}') AS translations, t.next_update_minutes, t.changed_at," \
    "   (SELECT coalesce(json_agg(json_build_object('component', c.slug, 'level', x.level)" \
    "       ORDER BY c.slug), '[]') FROM incident_template_component x JOIN component c" \
    "       ON c.id = x.component_id WHERE x.template_id = t.id) AS components" \
    "  FROM incident_template t "

STMT(incident_template_all, TEMPLATE_SELECT "WHERE t.id > $1::bigint ORDER BY t.id LIMIT $2",
    .row = &incident_template_shape);
STMT(incident_template_one, TEMPLATE_SELECT "WHERE t.id = $1", .row = &incident_template_shape);
STMT(incident_template_insert,
    "INSERT INTO incident_template (name, kind, title, state, body, next_update_minutes,"
    "   translations) VALUES ($1, $2, $3, $4, $5, $6, coalesce($7::jsonb, '{}'))"
    " ON CONFLICT (name) DO NOTHING RETURNING id",
    .row = &row_int);
STMT(incident_template_update,
    "UPDATE incident_template SET name = $2, kind = $3, title = $4, state = $5, body = $6,"
    "   next_update_minutes = $7, translations = coalesce($8::jsonb, translations),"
    "   changed_at = now() WHERE id = $1");
STMT(incident_template_clear, "DELETE FROM incident_template_component WHERE template_id = $1");
STMT(incident_template_hits,
    "INSERT INTO incident_template_component (template_id, component_id, level)"
    " SELECT $1, c, l FROM unnest($2::bigint[], $3::text[]) u(c, l)");
STMT(incident_template_drop, "DELETE FROM incident_template WHERE id = $1");

static enum rc set_components(
    struct scope *s, struct db *db, int64_t id, const struct list *components)
{
    struct texts slugs = post_component_column(s, components, true);
    struct texts words = post_component_column(s, components, false);
    int64_t *ids;
    if (!components->at)
        return RC_OK;
    TRY(lookup_components(s, db, &slugs, "components[%zu].component", &ids));
    TRY(db_do(s, db, &incident_template_clear, PARAMS(P_INT(id)), NULL));
    return db_do(s, db, &incident_template_hits,
        PARAMS(P_INT(id), P_INTS(s, ids, slugs.n), P_TEXTS(s, &words)), NULL);
}

static enum rc read_template(
    struct scope *s, struct db *db, int64_t id, struct incident_template *ret)
{
    return IF_NONE(db_one(s, db, &incident_template_one, PARAMS(P_INT(id)), ret),
        fail(s, RC_NOT_FOUND, "no incident template %lld", (long long)id));
}

static enum rc reply_template(struct call *c, int64_t id)
{
    struct incident_template row;
    TRY(read_template(c->s, c->db, id, &row));
    return reply_object(c, &row);
}

static enum rc taken(struct scope *s, const char *name)
{
    return fail_field(s, RC_CONFLICT, "name", "template \"%s\" exists already", name);
}

enum rc incident_template_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    int64_t after;
    struct list rows;
    TRY(page_open(c, "incident-templates", &after));
    TRY(db_all(c->s, c->db, &incident_template_all, PARAMS(P_INT(after), P_INT(filter->page.limit)),
        &rows));
    return reply_page(c, "incident-templates", rows, offsetof(struct incident_template, id));
}

struct making {
    const struct call *c;
    int64_t id;
};

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    struct making *making = arg;
    const struct template_fields *in = making->c->body;
    const char *translations;
    TRY(translations_check(s, &post_texts_shape, in->translations, &translations));
    TRY(IF_NONE(db_one(s, db, &incident_template_insert,
                    PARAMS(P_TEXT(in->name), P_TEXT(in->kind), P_TEXT(in->title), P_TEXT(in->state),
                        P_TEXT(in->body), P_INT(in->next_update_minutes), P_TEXT(translations)),
                    &making->id),
        taken(s, in->name)));
    TRY(set_components(s, db, making->id, &in->components));
    return audit_add(s, db, call_actor(making->c), "incident_template.create", in->name, NULL);
}

enum rc incident_template_create(struct call *c)
{
    struct making making = {.c = c};
    const struct template_fields *in = c->body;
    TRY(post_check_state(c->s, in->kind, in->state));
    TRY(db_txn(c->s, c->db, create, &making));
    return reply_template(c, making.id);
}

static const char *either(const char *now, const char *old)
{
    return now ? now : old;
}

static enum rc change(struct scope *s, struct db *db, void *arg)
{
    const struct making *making = arg;
    const struct template_fields *in = making->c->body;
    struct incident_template old;
    const char *translations;
    TRY(translations_check(s, &post_texts_shape, in->translations, &translations));
    TRY(read_template(s, db, making->id, &old));
    const char *kind = either(in->kind, old.kind), *state = either(in->state, old.state);
    TRY(post_check_state(s, kind, state));
    int64_t minutes = in->next_update_minutes;
    enum rc rc = db_do(s, db, &incident_template_update,
        PARAMS(P_INT(making->id), P_TEXT(either(in->name, old.name)), P_TEXT(kind),
            P_TEXT(either(in->title, old.title)), P_TEXT(state), P_TEXT(either(in->body, old.body)),
            P_INT(minutes != SHAPE_NONE ? minutes : old.next_update_minutes), P_TEXT(translations)),
        NULL);
    if (rc == RC_CONFLICT)
        return taken(s, in->name);
    TRY(rc);
    TRY(set_components(s, db, making->id, &in->components));
    return audit_add(s, db, call_actor(making->c), "incident_template.change", old.name, NULL);
}

enum rc incident_template_change(struct call *c)
{
    struct making making = {.c = c};
    TRY(call_id(c, 0, &making.id));
    TRY(db_txn(c->s, c->db, change, &making));
    return reply_template(c, making.id);
}

static enum rc drop(struct scope *s, struct db *db, void *arg)
{
    const struct making *making = arg;
    struct incident_template old;
    TRY(read_template(s, db, making->id, &old));
    TRY(db_do(s, db, &incident_template_drop, PARAMS(P_INT(making->id)), NULL));
    return audit_add(s, db, call_actor(making->c), "incident_template.delete", old.name, NULL);
}

enum rc incident_template_delete(struct call *c)
{
    struct making making = {.c = c};
    TRY(call_id(c, 0, &making.id));
    TRY(db_txn(c->s, c->db, drop, &making));
    return reply_nothing(c);
}
