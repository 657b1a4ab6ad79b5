/* Components: GET POST /v1/components, PATCH /v1/components/{slug}. */
#include <ctype.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/list_page.h"
#include "api/call/translations.h"
#include "api/incidents/incidents.h"
#include "core/db/locks.h"

SHAPE_EXTERN(struct component_texts, component_texts_shape, "ComponentTexts",
    FIELD(TEXT, name, .min = 1, .max = 200, .doc = "Display name."),
    FIELD(TEXT, description, .min = 1, .max = 500, .doc = "Line below its name."));

SHAPE_EXTERN(struct component, component_shape, "Component",
    FIELD(INT, id, .secret = true, .doc = "For the cursor."),
    FIELD(TEXT, slug, .required = true, .max = 64, .doc = "Name in the API."),
    FIELD(TEXT, name, .required = true, .max = 200, .doc = "Display name."),
    FIELD(TEXT, description, .doc = "Line below its name."),
    FIELD(TEXT, group, .max = 100, .doc = "Slug of its group."),
    TRANSLATIONS_REPLY(component_texts_shape),
    FIELD(INT, position, .required = true, .doc = "Place in its group, from 1."),
    FIELD(BOOL, only_show_if_degraded, .required = true,
        .doc = "Whether the page hides it while it is operational."),
    FIELD(
        TIME, archived_at, .doc = "Set: the page and the forms for subscribers no longer show it."),
    FIELD(TEXT, level, .doc = "operational, or the level of the worst open impact."));

struct new_component {
    const char *slug, *name, *group, *description;
    int64_t position;
    const json_t *only_show_if_degraded, *archived, *translations;
};
#define COMPONENT_PLACE \
    FIELD(INT, position, .min = 1, .max = 100000, \
        .doc = \
            "Place in its group; those from there on move down. Without it, a new one is last."), \
        FIELD(JSON, only_show_if_degraded, .form = FORM_BOOL, \
            .doc = "true: the page hides it while it is operational."), \
        TRANSLATIONS_FIELD(component_texts_shape, "its name and description")
const struct shape new_component_shape = SHAPE("ComponentCreate", struct new_component,
    FIELD(TEXT, slug, .required = true, .min = 1, .max = 64,
        .doc = "Lower-case letters, digits, hyphens and underscores."),
    FIELD(TEXT, name, .required = true, .min = 1, .max = 200, .doc = "Display name."),
    FIELD(TEXT, description, .min = 1, .max = 500, .doc = "Line below its name."),
    FIELD(TEXT, group, .min = 1, .max = 100, .doc = "Slug of a group; created if new."),
    COMPONENT_PLACE);
const struct shape component_change_shape = SHAPE("ComponentChange", struct new_component,
    FIELD(TEXT, slug, .min = 1, .max = 64, .doc = "A new slug."),
    FIELD(TEXT, name, .min = 1, .max = 200, .doc = "A new name."),
    FIELD(TEXT, description, .min = -1, .max = 500, .doc = "Line below its name. Empty: none."),
    FIELD(TEXT, group, .min = -1, .max = 100, .doc = "New group; created if new. Empty: none."),
    COMPONENT_PLACE,
    FIELD(JSON, archived, .form = FORM_BOOL,
        .doc = "true: take it off the page and the forms for subscribers; its history and credits"
               " stay. 409 while an impact of it is open. false: bring it back, as the last."));

#define COMPONENT_SELECT \
    "SELECT c.id, c.slug, c.name, c.description, g.slug AS group, c.position," \
    "   nullif(c.translations, '{}') AS translations," \
    "   c.only_show_if_degraded, c.archived_at, coalesce(" \
    "    (SELECT max(m.level)::text FROM amends.current_impact m" \
    "      WHERE m.component_id = c.id AND m.to_at IS NULL AND m.from_at <= now())," \
    "    'operational') AS level" \
    "  FROM component c LEFT JOIN component_group g ON g.id = c.group_id "
#define COMPONENT_LAST "1000000000"
#define COMPONENT_NEW_GROUP \
    "CASE WHEN $4 = '' THEN NULL ELSE" \
    "  coalesce((SELECT id FROM component_group WHERE slug = $4), group_id) END"

/* In the order of the page; $1: the last component of the page before, or 0. */
STMT(component_page,
    COMPONENT_SELECT
    "WHERE $1::bigint = 0 OR (coalesce(g.position, 0), coalesce(g.id, 0), c.position, c.id) >"
    "   (SELECT coalesce(h.position, 0), coalesce(h.id, 0), b.position, b.id FROM component b"
    "      LEFT JOIN component_group h ON h.id = b.group_id WHERE b.id = $1)"
    " ORDER BY coalesce(g.position, 0), coalesce(g.id, 0), c.position, c.id LIMIT $2",
    .row = &component_shape);
STMT(component_get, COMPONENT_SELECT "WHERE c.slug = $1", .row = &component_shape);
STMT(component_group_ensure, "INSERT INTO component_group (slug, position)"
                             " VALUES ($1, (SELECT coalesce(max(position), 0) + 1"
                             "   FROM component_group)) ON CONFLICT (slug) DO NOTHING");
STMT(component_insert, "INSERT INTO component"
                       " (slug, name, group_id, description, position, only_show_if_degraded,"
                       "  translations)"
                       " VALUES ($1, $2, (SELECT id FROM component_group WHERE slug = $3), $4,"
                       "   coalesce($5, " COMPONENT_LAST "), coalesce($6::boolean, false),"
                       "   coalesce($7::jsonb, '{}'))"
                       " ON CONFLICT (slug) DO NOTHING");
STMT(component_update,
    "UPDATE component SET slug = coalesce($2, slug), name = coalesce($3, name),"
    "   description = nullif(coalesce($5, description), ''),"
    "   only_show_if_degraded = coalesce($7::boolean, only_show_if_degraded),"
    "   translations = coalesce($9::jsonb, translations),"
    "   archived_at = CASE WHEN $8::boolean THEN coalesce(archived_at, now())"
    "     WHEN NOT $8::boolean THEN NULL ELSE archived_at END,"
    "   position = coalesce($6, CASE WHEN archived_at IS NOT NULL AND NOT $8::boolean"
    "     OR group_id IS DISTINCT FROM " COMPONENT_NEW_GROUP " THEN " COMPONENT_LAST
    "     ELSE position END),"
    "   group_id = " COMPONENT_NEW_GROUP " WHERE slug = $1");
STMT(component_renumber,
    "SELECT amends.component_renumber((SELECT id FROM component WHERE slug = $1))");
STMT(component_open, "SELECT FROM amends.current_impact m JOIN component c ON c.id = m.component_id"
                     "  JOIN amends.standing_incident i ON i.id = m.incident_id"
                     " WHERE c.slug = $1 AND coalesce(m.to_at > now(), true) LIMIT 1");

static enum rc check_slug(struct scope *s, const char *slug)
{
    if (!slug)
        return RC_OK;
    size_t len = strlen(slug);
    for (size_t i = 0; i < len; i++) {
        bool edge = i == 0 || i == len - 1;
        bool plain = islower((unsigned char)slug[i]) || isdigit((unsigned char)slug[i]);
        if (!plain && (edge || (slug[i] != '-' && slug[i] != '_')))
            return fail_field(s, RC_INVALID, "slug",
                "must be lower-case letters, digits, - and _, with a letter or digit at both ends");
    }
    return RC_OK;
}

enum rc component_list(struct call *c)
{
    const struct page_filter *filter = c->query;
    int64_t after;
    struct list rows;
    TRY(page_open(c, "components", &after));
    TRY(db_all(
        c->s, c->db, &component_page, PARAMS(P_INT(after), P_INT(filter->page.limit)), &rows));
    return reply_page(c, "components", rows, offsetof(struct component, id));
}

static enum rc check_flag(struct scope *s, const char *name, const json_t *json)
{
    if (json && !json_is_boolean(json))
        return fail_field(s, RC_INVALID, name, "must be true or false");
    return RC_OK;
}

static enum rc check(struct scope *s, const struct new_component *in)
{
    TRY(check_slug(s, in->slug));
    TRY(check_flag(s, "only_show_if_degraded", in->only_show_if_degraded));
    return check_flag(s, "archived", in->archived);
}

/* An SQL boolean; null if it was not given. */
static struct param flag_param(const json_t *json)
{
    return json ? P_BOOL(json_is_true(json)) : P_TEXT(NULL);
}

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct new_component *in = c->body;
    const char *translations;
    TRY(translations_check(s, &component_texts_shape, in->translations, &translations));
    TRY(db_lock(s, db, LOCK_COMPONENT, LOCK_EXCLUSIVE));
    if (in->group)
        TRY(db_do(s, db, &component_group_ensure, PARAMS(P_TEXT(in->group)), NULL));
    int64_t n;
    TRY(db_do(s, db, &component_insert,
        PARAMS(P_TEXT(in->slug), P_TEXT(in->name), P_TEXT(in->group), P_TEXT(in->description),
            P_INT(in->position), flag_param(in->only_show_if_degraded), P_TEXT(translations)),
        &n));
    if (!n)
        return fail_field(s, RC_CONFLICT, "slug", "component \"%s\" exists already", in->slug);
    TRY(db_do(s, db, &component_renumber, PARAMS(P_TEXT(in->slug)), NULL));
    return audit_add(s, db, call_actor(c), "component.create", in->slug, NULL);
}

static enum rc reply_component(struct call *c, const char *slug)
{
    struct component row;
    TRY(db_one(c->s, c->db, &component_get, PARAMS(P_TEXT(slug)), &row));
    return reply_object(c, &row);
}

enum rc component_create(struct call *c)
{
    const struct new_component *in = c->body;
    TRY(check(c->s, in));
    TRY(db_txn(c->s, c->db, create, c));
    return reply_component(c, in->slug);
}

/* Staff and readers would look for a component that is down and gone. */
static enum rc check_archive(
    struct scope *s, struct db *db, const char *slug, const struct new_component *in)
{
    int64_t n = 0;
    if (json_is_true(in->archived))
        TRY(db_do(s, db, &component_open, PARAMS(P_TEXT(slug)), &n));
    return n ? fail_field(s, RC_CONFLICT, "archived", "an impact on it is open: resolve it first")
             : RC_OK;
}

static enum rc change(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct new_component *in = c->body;
    const char *slug = c->param[0];
    const char *translations;
    TRY(translations_check(s, &component_texts_shape, in->translations, &translations));
    TRY(db_lock(s, db, LOCK_COMPONENT, LOCK_EXCLUSIVE));
    if (in->group && *in->group)
        TRY(db_do(s, db, &component_group_ensure, PARAMS(P_TEXT(in->group)), NULL));
    TRY(check_archive(s, db, slug, in));
    int64_t n;
    enum rc rc = db_do(s, db, &component_update,
        PARAMS(P_TEXT(slug), P_TEXT(in->slug), P_TEXT(in->name), P_TEXT(in->group),
            P_TEXT(in->description), P_INT(in->position), flag_param(in->only_show_if_degraded),
            flag_param(in->archived), P_TEXT(translations)),
        &n);
    if (rc == RC_CONFLICT)
        return fail_field(s, RC_CONFLICT, "slug", "component \"%s\" exists already", in->slug);
    TRY(rc);
    if (!n)
        return fail(s, RC_NOT_FOUND, "no component \"%.100s\"", slug);
    if (in->position != SHAPE_NONE || in->group || in->archived)
        TRY(db_do(s, db, &component_renumber, PARAMS(P_TEXT(in->slug ? in->slug : slug)), NULL));
    return audit_add(s, db, call_actor(c), "component.change", slug, NULL);
}

enum rc component_change(struct call *c)
{
    const struct new_component *in = c->body;
    TRY(check(c->s, in));
    TRY(db_txn(c->s, c->db, change, c));
    return reply_component(c, in->slug ? in->slug : c->param[0]);
}
