#include "api/call/lookup.h"

#include <string.h>

STMT(component_ids,
    "SELECT c.id FROM unnest($1::text[]) WITH ORDINALITY u(slug, n)"
    "  LEFT JOIN component c USING (slug) ORDER BY u.n",
    .row = &row_int);
STMT(group_ids,
    "SELECT g.id FROM unnest($1::text[]) WITH ORDINALITY u(slug, n)"
    "  LEFT JOIN component_group g USING (slug) ORDER BY u.n",
    .row = &row_int);
STMT(incident_ids,
    "SELECT i.id FROM unnest($1::text[]) WITH ORDINALITY u(ref, n)"
    "  LEFT JOIN amends.standing_incident i USING (ref) ORDER BY u.n",
    .row = &row_int);

static const char *field_path(struct scope *s, const char *path, size_t i)
{
    const char *placeholder = strstr(path, "%zu");
    if (!placeholder)
        return path;
    return scope_printf(s, "%.*s%zu%s", (int)(placeholder - path), path, i, placeholder + 3);
}

static enum rc lookup(struct scope *s, struct db *db, const struct stmt *stmt, const char *what,
    const struct texts *slugs, const char *path, int64_t **ret_ids)
{
    struct list rows = {0};
    if (slugs->n)
        TRY(db_all(s, db, stmt, PARAMS(P_TEXTS(s, slugs)), &rows));
    int64_t *ids = rows.at;
    for (size_t i = 0; i < slugs->n; i++) {
        if (ids[i] == SHAPE_NONE)
            return fail_field(
                s, RC_INVALID, field_path(s, path, i), "no %s \"%.100s\"", what, slugs->at[i]);
        for (size_t k = 0; k < i; k++)
            if (ids[k] == ids[i])
                return fail_field(s, RC_INVALID, field_path(s, path, i),
                    "%s \"%s\" is listed twice", what, slugs->at[i]);
    }
    *ret_ids = ids;
    return RC_OK;
}

enum rc lookup_components(
    struct scope *s, struct db *db, const struct texts *slugs, const char *path, int64_t **ret_ids)
{
    return lookup(s, db, &component_ids, "component", slugs, path, ret_ids);
}

enum rc lookup_groups(struct scope *s, struct db *db, const struct texts *slugs, int64_t **ret_ids)
{
    return lookup(s, db, &group_ids, "group", slugs, "groups[%zu]", ret_ids);
}

enum rc lookup_incidents(
    struct scope *s, struct db *db, const struct texts *refs, int64_t **ret_ids)
{
    return lookup(s, db, &incident_ids, "incident", refs, "incidents[%zu]", ret_ids);
}
