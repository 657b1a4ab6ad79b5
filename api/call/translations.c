#include "api/call/translations.h"

#include <string.h>

#include "api/call/locale.h"
#include "api/http/language.h"
#include "core/json.h"

enum { LANGUAGES = 20 };

/* Only languages in which readers have pages and messages: a misspelt tag (jp) has no reader. */
static bool is_known(const char *tag)
{
    size_t n = strcspn(tag, "-");
    SCOPE(inner);
    for (const struct language *l = languages; l->tag; l++)
        if (strcspn(l->tag, "-") == n && !strncmp(l->tag, tag, n))
            return locale_check(inner, tag, NULL) == RC_OK;
    return false;
}

static const char *known_tags(struct scope *s)
{
    char *list = scope_strdup(s, languages->tag);
    for (const struct language *l = languages + 1; l->tag; l++)
        list = scope_printf(s, "%s, %s", list, l->tag);
    return list;
}

static enum rc check_one(
    struct scope *s, const struct shape *shape, const char *tag, const json_t *one)
{
    const char *path = scope_printf(s, "translations.%.40s", tag);
    SCOPE(inner);
    if (!is_known(tag))
        return fail_field(s, RC_INVALID, path,
            "is not one of the languages %s, or such a tag with a region", known_tags(s));
    if (!json_is_object(one) || !json_object_size(one))
        return fail_field(s, RC_INVALID, path, "must be an object with at least one text");
    if (shape_read(inner, shape, one, scope_alloc(inner, shape->size)) == RC_OK)
        return RC_OK;
    if (inner->fault.field)
        path = scope_printf(s, "%s.%s", path, inner->fault.field);
    return fail_field(s, RC_INVALID, path, "%s", inner->fault.message);
}

enum rc translations_check(
    struct scope *s, const struct shape *shape, const json_t *given, const char **ret)
{
    const char *tag;
    json_t *one;
    if (ret)
        *ret = NULL;
    if (!given)
        return RC_OK;
    if (!json_is_object(given))
        return fail_field(s, RC_INVALID, "translations", "must be {LANGUAGE: {...}}");
    if (json_object_size(given) > LANGUAGES)
        return fail_field(s, RC_INVALID, "translations", "has more than %d languages", LANGUAGES);
    json_object_foreach((json_t *)given, tag, one) TRY(check_one(s, shape, tag, one));
    if (ret)
        *ret = json_text(s, given);
    return RC_OK;
}

json_t *translations_only(const json_t *given, const char *const *members)
{
    if (!given)
        return NULL;
    json_t *all = json_object(), *one;
    const char *tag;
    json_object_foreach((json_t *)given, tag, one)
    {
        json_t *own = json_object();
        for (const char *const *member = members; *member; member++)
            json_object_set(own, *member, json_object_get(one, *member));
        if (json_object_size(own))
            json_object_set(all, tag, own);
        json_decref(own);
    }
    return all;
}
