/* Groups of components: GET /v1/component-groups, PATCH .../{slug}. A component creates its group.
 */
#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/translations.h"
#include "api/incidents/incidents.h"
#include "core/db/locks.h"

SHAPE_EXTERN(struct component_group_texts, component_group_texts_shape, "ComponentGroupTexts",
    FIELD(TEXT, name, .min = 1, .max = 100, .doc = "Display name."),
    FIELD(TEXT, description, .min = 1, .max = 500, .doc = "Line below its name."));

SHAPE_EXTERN(struct component_group, component_group_shape, "ComponentGroup",
    FIELD(TEXT, slug, .required = true, .max = 100, .doc = "Name in the API."),
    FIELD(TEXT, name, .required = true, .max = 100, .doc = "Display name; at first its slug."),
    FIELD(TEXT, description, .doc = "Line below its name."),
    FIELD(INT, position, .required = true, .doc = "Place among the groups, from 1."),
    TRANSLATIONS_REPLY(component_group_texts_shape));

struct component_group_change {
    const char *name, *description;
    int64_t position;
    const json_t *translations;
};
const struct shape component_group_change_shape =
    SHAPE("ComponentGroupChange", struct component_group_change,
        FIELD(TEXT, name, .min = 1, .max = 100, .doc = "A new display name."),
        FIELD(TEXT, description, .min = -1, .max = 500, .doc = "Line below its name. Empty: none."),
        FIELD(INT, position, .min = 1, .max = 100000,
            .doc = "Place among the groups; those from there on move down."),
        TRANSLATIONS_FIELD(component_group_texts_shape, "its name and description"));

#define GROUP_SELECT \
    "SELECT g.slug, amends.group_name(g) AS name, g.description, g.position," \
    "   nullif(g.translations, '{}') AS translations" \
    "  FROM component_group g "
STMT(component_group_all, GROUP_SELECT "ORDER BY g.position, g.id", .row = &component_group_shape);
STMT(component_group_get, GROUP_SELECT "WHERE g.slug = $1", .row = &component_group_shape);
STMT(component_group_update,
    "UPDATE component_group SET name = coalesce($2, name),"
    "   description = nullif(coalesce($3, description), ''), position = coalesce($4, position),"
    "   translations = coalesce($5::jsonb, translations)"
    " WHERE slug = $1");
STMT(component_group_renumber,
    "SELECT amends.group_renumber((SELECT id FROM component_group WHERE slug = $1))");

enum rc component_group_list(struct call *c)
{
    struct list rows;
    TRY(db_all(c->s, c->db, &component_group_all, NO_PARAMS, &rows));
    return reply_list(c, rows, NULL);
}

static enum rc change(struct scope *s, struct db *db, void *arg)
{
    const struct call *c = arg;
    const struct component_group_change *in = c->body;
    const char *slug = c->param[0];
    const char *translations;
    int64_t n;
    TRY(translations_check(s, &component_group_texts_shape, in->translations, &translations));
    TRY(db_lock(s, db, LOCK_COMPONENT, LOCK_EXCLUSIVE));
    TRY(db_do(s, db, &component_group_update,
        PARAMS(P_TEXT(slug), P_TEXT(in->name), P_TEXT(in->description), P_INT(in->position),
            P_TEXT(translations)),
        &n));
    if (!n)
        return fail(s, RC_NOT_FOUND, "no group \"%.100s\"", slug);
    if (in->position != SHAPE_NONE)
        TRY(db_do(s, db, &component_group_renumber, PARAMS(P_TEXT(slug)), NULL));
    return audit_add(s, db, call_actor(c), "component_group.change", slug, NULL);
}

enum rc component_group_change(struct call *c)
{
    struct component_group row;
    TRY(db_txn(c->s, c->db, change, c));
    TRY(db_one(c->s, c->db, &component_group_get, PARAMS(P_TEXT(c->param[0])), &row));
    return reply_object(c, &row);
}
