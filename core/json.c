#include "core/json.h"

#include <stdlib.h>
#include <string.h>

static void decref(void *json)
{
    json_decref(json);
}

json_t *json_own(struct scope *s, json_t *json)
{
    if (!json)
        abort();
    scope_defer(s, decref, json);
    return json;
}

enum rc json_parse(struct scope *s, const char *text, size_t len, json_t **ret)
{
    json_error_t error;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        return fail(s, RC_INVALID, "not valid JSON: %s (line %d, column %d)", error.text,
            error.line, error.column);
    *ret = json_own(s, json);
    return RC_OK;
}

static void free_text(void *text)
{
    free(text);
}

char *json_text(struct scope *s, const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!text)
        abort();
    scope_defer(s, free_text, text);
    return text;
}

const char *json_get_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

const char *json_get_word(const json_t *object, const char *name)
{
    const char *text = json_get_text(object, name);
    return text ? text : "";
}

long long json_get_int(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* One reference token of a pointer, with ~1 and ~0 decoded. */
static char *unescape(struct scope *s, const char *text, size_t len)
{
    char *out = scope_alloc(s, len + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        bool escaped = text[i] == '~' && i + 1 < len && (text[i + 1] == '0' || text[i + 1] == '1');
        out[n++] = !escaped ? text[i] : text[++i] == '1' ? '/' : '~';
    }
    out[n] = '\0';
    return out;
}

static const json_t *array_at(const json_t *array, const char *key)
{
    size_t index = 0, digits = strspn(key, "0123456789");
    if (!digits || key[digits] || digits > 6)
        return NULL;
    for (; *key; key++)
        index = index * 10 + (size_t)(*key - '0');
    return json_array_get(array, index);
}

const json_t *json_at(struct scope *s, const json_t *json, const char *pointer)
{
    while (json && *pointer == '/') {
        size_t len = strcspn(++pointer, "/");
        const char *key = unescape(s, pointer, len);
        json = json_is_array(json) ? array_at(json, key) : json_object_get(json, key);
        pointer += len;
    }
    return json;
}
