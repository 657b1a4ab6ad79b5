#include "api/forms/words.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "core/json.h"
#include "templates/label.h"

enum { VALUES = 9 };

/* The key of a message; what it quotes and its numbers go to values. */
static char *key_of(struct scope *s, const char *message, json_t *values)
{
    char *key = scope_alloc(s, strlen(message) + 2), *out = key;
    size_t n = 0;
    while (*message) {
        const char *from = message + (*message == '"');
        size_t len = *message == '"'                    ? strcspn(from, "\"")
                     : isdigit((unsigned char)*message) ? strspn(from, "0123456789.")
                                                        : 0;
        if (*message == '"' || len) {
            const char *value = scope_strndup(s, from, len);
            if (n++ < VALUES)
                json_object_set_new(values, scope_printf(s, "%zu", n), json_string(value));
            message = from + len + (*message == '"' && from[len] == '"');
            continue;
        }
        if (isalpha((unsigned char)*message))
            *out++ = (char)tolower((unsigned char)*message);
        else if (out > key && out[-1] != '_')
            *out++ = '_';
        message++;
    }
    if (out > key && out[-1] == '_')
        out--;
    *out = '\0';
    return key;
}

/* The label of the key, or of the longest beginning of it in whole words. */
static const char *label_of(struct scope *s, const json_t *labels, const char *key)
{
    char *cut = scope_strdup(s, key);
    for (char *end = cut + strlen(cut); end; end = strrchr(cut, '_')) {
        *end = '\0';
        const char *label = json_get_text(labels, cut);
        if (label)
            return label;
    }
    return NULL;
}

/* "impacts[3].to": "to". */
static const char *last_name(const char *field)
{
    const char *dot = strrchr(field, '.');
    return dot ? dot + 1 : field;
}

const char *form_sentence(struct scope *s, const char *message)
{
    char *text = scope_strdup(s, message);
    size_t len = strlen(text);
    *text = (char)toupper((unsigned char)*text);
    return len && !strchr(".!?", text[len - 1]) ? scope_printf(s, "%s.", text) : text;
}

const char *form_words(struct scope *s, const struct form_words *in, const char *message)
{
    json_t *values = json_own(s, json_object());
    const json_t *labels = label_set(s, in->locale, in->set);
    const char *key = key_of(s, message, values), *label = NULL;
    if (in->field) {
        const char *name = last_name(in->field);
        label =
            json_get_text(labels, scope_printf(s, "%.*s_%s", (int)strcspn(name, "["), name, key));
    }
    label = label ? label : label_of(s, labels, key);
    return label ? label_fill(s, label, values) : NULL;
}
