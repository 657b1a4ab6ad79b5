#include "api/readers/reader.h"

#include <string.h>

#include "api/http/language.h"
#include "api/subscribers/subscriber.h"
#include "core/json.h"
#include "templates/translation.h"

SHAPE_STATIC(struct choice, choice_shape, "ReaderChoice", FIELD(TEXT, kind), FIELD(INT, place),
    FIELD(INT, position), FIELD(TEXT, slug), FIELD(TEXT, name), FIELD(TEXT, translations),
    FIELD(BOOL, checked));

/* $2: the selection; null: the subscriptions of $1. What is archived is offered only to those who
 * subscribe to it, so that saving other choices keeps it. */
STMT(reader_choices,
    "SELECT 'groups' AS kind, g.position AS place, 0::bigint AS position, g.slug,"
    "   amends.group_name(g) AS name, g.translations,"
    "   CASE WHEN $2::jsonb IS NULL THEN EXISTS (SELECT FROM subscription x"
    "     WHERE x.subscriber_id = $1 AND x.kind = 'group' AND x.target_id = g.id)"
    "   ELSE coalesce($2::jsonb->'groups' ? g.slug, false) END AS checked"
    "  FROM component_group g WHERE EXISTS (SELECT FROM component c"
    "   WHERE c.group_id = g.id AND c.archived_at IS NULL) OR EXISTS (SELECT FROM subscription x"
    "   WHERE x.subscriber_id = $1 AND x.kind = 'group' AND x.target_id = g.id)"
    " UNION ALL"
    " SELECT 'components', coalesce(h.position, 0), c.position, c.slug, c.name, c.translations,"
    "   CASE WHEN $2::jsonb IS NULL THEN EXISTS (SELECT FROM subscription x"
    "     WHERE x.subscriber_id = $1 AND x.kind = 'component' AND x.target_id = c.id)"
    "   ELSE coalesce($2::jsonb->'components' ? c.slug, false) END"
    "  FROM component c LEFT JOIN component_group h ON h.id = c.group_id"
    "  WHERE c.archived_at IS NULL OR EXISTS (SELECT FROM subscription x"
    "   WHERE x.subscriber_id = $1 AND x.kind = 'component' AND x.target_id = c.id)"
    " UNION ALL"
    " SELECT 'incidents', 0, 0, i.ref, i.title, i.translations,"
    "   coalesce($2::jsonb->'incidents' ? i.ref, true)"
    "  FROM subscription x JOIN amends.public_incident i ON i.id = x.target_id"
    "  WHERE x.subscriber_id = $1 AND x.kind = 'incident'"
    "  ORDER BY 1, 2, 3, 5 LIMIT 1000",
    .row = &choice_shape);
STMT(reader_known, "SELECT FROM amends.reader_targets($1::jsonb) LIMIT 1");
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

const char *reader_what(const struct form *form)
{
    const char *what = form_text(form, "what", "");
    if (!strcmp(what, "all") || !strcmp(what, "some") || !strcmp(what, "incident"))
        return what;
    if (form_get(form, "group") || form_get(form, "component"))
        return "some";
    return form_text(form, "incident", NULL) ? "incident" : "all";
}

json_t *reader_chosen(struct scope *s, const struct form *form)
{
    json_t *chosen = json_own(s, json_object());
    const char *what = reader_what(form);
    bool some = !strcmp(what, "some");
    json_object_set_new(chosen, "groups", some ? values(form, "group") : json_array());
    json_object_set_new(chosen, "components", some ? values(form, "component") : json_array());
    json_object_set_new(
        chosen, "incidents", strcmp(what, "all") != 0 ? values(form, "incident") : json_array());
    return chosen;
}

enum rc reader_check_chosen(
    struct scope *s, struct db *db, const struct form *form, const json_t *chosen)
{
    int64_t n = 1;
    if (strcmp(reader_what(form), "all") != 0)
        TRY(db_do(s, db, &reader_known, PARAMS(P_TEXT(json_text(s, chosen))), &n));
    return n ? RC_OK : fail_field(s, RC_INVALID, "what", "nothing is selected");
}

/* The display name of a component or group, or the title of an incident. */
static const char *name_of(struct scope *s, const struct choice *row, const char *locale)
{
    const char *member = !strcmp(row->kind, "incidents") ? "title" : "name";
    return translation_of(s, row->translations, locale, member, row->name).text;
}

enum rc reader_catalogue(struct call *c, int64_t subscriber, const json_t *chosen, json_t *context)
{
    struct scope *s = c->s;
    const char *locale = language_of(c->request, NULL)->tag;
    struct list rows;
    bool all = true;
    static const char *const kinds[] = {"groups", "components", "incidents", NULL};
    TRY(db_all(s, c->db, &reader_choices,
        PARAMS(P_INT(subscriber), P_TEXT(chosen ? json_text(s, chosen) : NULL)), &rows));
    for (const char *const *kind = kinds; *kind; kind++)
        json_object_set_new(context, *kind, json_array());
    for (size_t i = 0; i < rows.n; i++) {
        const struct choice *row = (const struct choice *)rows.at + i;
        json_t *json = json_object();
        json_object_set_new(json, "slug", json_string(row->slug));
        json_object_set_new(json, "name", json_string(name_of(s, row, locale)));
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
