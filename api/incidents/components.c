/* Components: GET POST /v1/components, PATCH /v1/components/{slug}. */
#include <ctype.h>
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/list_page.h"
#include "api/incidents/incidents.h"

SHAPE_EXTERN(struct component, component_shape, "Component",
    FIELD(INT, id, .secret = true, .doc = "For the cursor."),
    FIELD(TEXT, slug, .required = true, .max = 64, .doc = "Name in the API."),
    FIELD(TEXT, name, .required = true, .max = 200, .doc = "Display name."),
    FIELD(TEXT, group, .max = 100, .doc = "Slug of its group."),
    FIELD(TEXT, level, .doc = "operational, or the level of the worst open impact."));

struct new_component {
    const char *slug;
    const char *name;
    const char *group;
};
const struct shape new_component_shape = SHAPE("ComponentCreate", struct new_component,
    FIELD(TEXT, slug, .required = true, .min = 1, .max = 64,
        .doc = "Lower-case letters, digits, hyphens and underscores."),
    FIELD(TEXT, name, .required = true, .min = 1, .max = 200, .doc = "Display name."),
    FIELD(TEXT, group, .min = 1, .max = 100, .doc = "Slug of a group; created if new."));
const struct shape component_change_shape = SHAPE("ComponentChange", struct new_component,
    FIELD(TEXT, slug, .min = 1, .max = 64, .doc = "A new slug."),
    FIELD(TEXT, name, .min = 1, .max = 200, .doc = "A new name."),
    FIELD(TEXT, group, .min = -1, .max = 100, .doc = "New group; created if new. Empty: none."));

#define COMPONENT_SELECT \
    "SELECT c.id, c.slug, c.name, g.slug AS group, coalesce(" \
    "    (SELECT max(m.level)::text FROM amends.current_impact m" \
    "      WHERE m.component_id = c.id AND m.to_at IS NULL AND m.from_at <= now())," \
    "    'operational') AS level" \
    "  FROM component c LEFT JOIN component_group g ON g.id = c.group_id "

/* By group, those without one first; $1: the last component of the page before, or 0. */
STMT(component_page,
    COMPONENT_SELECT "WHERE $1::bigint = 0 OR (coalesce(g.slug, ''), c.id) >"
                     "   (SELECT coalesce(h.slug, ''), b.id FROM component b"
                     "      LEFT JOIN component_group h ON h.id = b.group_id WHERE b.id = $1)"
                     " ORDER BY coalesce(g.slug, ''), c.id LIMIT $2",
    .row = &component_shape);
STMT(component_get, COMPONENT_SELECT "WHERE c.slug = $1", .row = &component_shape);
STMT(component_group_ensure,
    "INSERT INTO component_group (slug) VALUES ($1) ON CONFLICT (slug) DO NOTHING");
STMT(component_insert, "INSERT INTO component (slug, name, group_id)"
                       " VALUES ($1, $2, (SELECT id FROM component_group WHERE slug = $3))"
                       " ON CONFLICT (slug) DO NOTHING");
STMT(component_update,
    "UPDATE component SET slug = coalesce($2, slug), name = coalesce($3, name),"
    "       group_id = CASE WHEN $4 = '' THEN NULL ELSE"
    "         coalesce((SELECT id FROM component_group WHERE slug = $4), group_id) END"
    " WHERE slug = $1");

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

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct new_component *in = c->body;
    if (in->group)
        TRY(db_do(s, db, &component_group_ensure, PARAMS(P_TEXT(in->group)), NULL));
    int64_t n;
    TRY(db_do(s, db, &component_insert,
        PARAMS(P_TEXT(in->slug), P_TEXT(in->name), P_TEXT(in->group)), &n));
    if (!n)
        return fail_field(s, RC_CONFLICT, "slug", "component \"%s\" exists already", in->slug);
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
    TRY(check_slug(c->s, in->slug));
    TRY(db_txn(c->s, c->db, create, c));
    return reply_component(c, in->slug);
}

static enum rc change(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct new_component *in = c->body;
    if (in->group && *in->group)
        TRY(db_do(s, db, &component_group_ensure, PARAMS(P_TEXT(in->group)), NULL));
    int64_t n;
    enum rc rc = db_do(s, db, &component_update,
        PARAMS(P_TEXT(c->param[0]), P_TEXT(in->slug), P_TEXT(in->name), P_TEXT(in->group)), &n);
    if (rc == RC_CONFLICT)
        return fail_field(s, RC_CONFLICT, "slug", "component \"%s\" exists already", in->slug);
    TRY(rc);
    if (!n)
        return fail(s, RC_NOT_FOUND, "no component \"%.100s\"", c->param[0]);
    return audit_add(s, db, call_actor(c), "component.change", c->param[0], NULL);
}

enum rc component_change(struct call *c)
{
    const struct new_component *in = c->body;
    TRY(check_slug(c->s, in->slug));
    TRY(db_txn(c->s, c->db, change, c));
    return reply_component(c, in->slug ? in->slug : c->param[0]);
}
