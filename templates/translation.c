#include "templates/translation.h"

#include <string.h>
#include <strings.h>

#include "core/json.h"

static bool has(const json_t *one, const char *member)
{
    return !member || json_get_text(one, member);
}

/* How many characters of the key's tag are those of locale: all subtags of the key, or at least the
 * language of both. 0: another language. */
static size_t fit(const char *key, const char *locale)
{
    size_t whole = strlen(key), language = strcspn(locale, "-_");
    bool starts = !strncasecmp(key, locale, whole);
    if (starts && (!locale[whole] || strchr("-_", locale[whole])))
        return whole + 1;
    return strcspn(key, "-_") == language && !strncasecmp(key, locale, language) ? language : 0;
}

const char *translation_find(const json_t *all, const char *locale, const char *member)
{
    const char *key, *best = NULL;
    json_t *one;
    size_t most = 0;
    json_object_foreach((json_t *)all, key, one)
    {
        size_t n = has(one, member) ? fit(key, locale) : 0;
        if (n > most) {
            most = n;
            best = key;
        }
    }
    return best;
}

struct translation translation_of(
    struct scope *s, const char *all, const char *locale, const char *member, const char *text)
{
    struct translation t = {.text = text};
    json_t *parsed;
    SCOPE(inner);
    if (!all || !strcmp(all, "{}") || json_parse(inner, all, strlen(all), &parsed) != RC_OK)
        return t;
    const char *language = translation_find(parsed, locale, member);
    if (language)
        t = (struct translation){
            .text = scope_strdup(s, json_get_text(json_object_get(parsed, language), member)),
            .language = scope_strdup(s, language)};
    return t;
}

const char *translation_foreign(const struct translation *t, const char *own, const char *locale)
{
    const char *language = t->language ? t->language : own;
    size_t n = strcspn(locale, "-_");
    bool same = strcspn(language, "-_") == n && !strncasecmp(language, locale, n);
    return !t->text || same ? NULL : language;
}
