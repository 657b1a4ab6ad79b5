#include "api/reader.h"

#include <string.h>

#include "api/subscriber.h"
#include "core/json.h"

struct choice {
    const char *kind;
    const char *slug;
    const char *name;
    bool checked;
};
#define SHAPE_STRUCT struct choice
static const struct field choice_fields[] = {
    FIELD(TEXT, kind), FIELD(TEXT, slug), FIELD(TEXT, name), FIELD(BOOL, checked)};
static const struct shape choice_shape = SHAPE("ReaderChoice", choice_fields);
#undef SHAPE_STRUCT

STMT(reader_choices,
    "SELECT 'groups' AS kind, g.slug, g.slug AS name, EXISTS (SELECT FROM subscription x"
    "   WHERE x.subscriber_id = $1 AND x.kind = 'group' AND x.target_id = g.id) AS checked"
    "  FROM component_group g WHERE EXISTS (SELECT FROM component c WHERE c.group_id = g.id)"
    " UNION ALL"
    " SELECT 'components', c.slug, c.name, EXISTS (SELECT FROM subscription x"
    "   WHERE x.subscriber_id = $1 AND x.kind = 'component' AND x.target_id = c.id)"
    "  FROM component c ORDER BY 1, 3 LIMIT 500",
    .row = &choice_shape);
STMT(reader_consent_add,
    "INSERT INTO consent (subscriber_id, address_hash, action, wording, source, actor)"
    " SELECT id, address_hash, $2, '" READER_WORDING "', $3, 'reader' FROM subscriber"
    "  WHERE id = $1");

static json_t *values(const struct form *form, const char *name)
{
    json_t *list = json_array();
    for (size_t i = 0; i < form->n; i++)
        if (!strcmp(form->at[i].name, name))
            json_array_append_new(list, json_string(form->at[i].value));
    return list;
}

const char *form_text(const struct form *form, const char *name, const char *def)
{
    const char *value = form_get(form, name);
    return value && *value ? value : def;
}

json_t *reader_chosen(struct scope *s, const struct form *form)
{
    json_t *chosen = json_own(s, json_object());
    const char *what = form_text(form, "what", "all");
    if (!strcmp(what, "incident"))
        json_object_set_new(chosen, "incident", json_string(form_text(form, "incident", "")));
    if (strcmp(what, "some") != 0)
        return chosen;
    json_object_set_new(chosen, "groups", values(form, "group"));
    json_object_set_new(chosen, "components", values(form, "component"));
    return chosen;
}

enum rc reader_catalogue(struct scope *s, struct db *db, int64_t subscriber, json_t *context)
{
    struct list rows;
    bool all = true;
    TRY(db_all(s, db, &reader_choices, PARAMS(P_INT(subscriber)), &rows));
    json_object_set_new(context, "groups", json_array());
    json_object_set_new(context, "components", json_array());
    for (size_t i = 0; i < rows.n; i++) {
        const struct choice *row = (const struct choice *)rows.at + i;
        json_t *json = json_object();
        json_object_set_new(json, "slug", json_string(row->slug));
        json_object_set_new(json, "name", json_string(row->name));
        json_object_set_new(json, "checked", json_boolean(row->checked));
        json_array_append_new(json_object_get(context, row->kind), json);
        all &= !row->checked;
    }
    json_object_set_new(context, "all", json_boolean(all));
    return RC_OK;
}

const char *reader_verbosity(const struct form *form)
{
    const char *asked = form_text(form, "verbosity", "every");
    for (const char *const *known = verbosities; *known; known++)
        if (!strcmp(*known, asked))
            return *known;
    return "every";
}

void reader_put_verbosity(json_t *context, const char *verbosity)
{
    json_object_set_new(context, "milestones", json_boolean(!strcmp(verbosity, "milestones")));
    json_object_set_new(context, "daily", json_boolean(!strcmp(verbosity, "daily")));
}

enum rc reader_consent(
    struct scope *s, struct db *db, int64_t id, const char *action, const char *source)
{
    return db_do(
        s, db, &reader_consent_add, PARAMS(P_INT(id), P_TEXT(action), P_TEXT(source)), NULL);
}
