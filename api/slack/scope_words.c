#include "api/slack/scope_words.h"

#include <string.h>

static json_t *values_of(char *text)
{
    if (!strchr(text, ','))
        return json_string(text);
    json_t *list = json_array();
    for (char *one; (one = strsep(&text, ","));)
        if (*one)
            json_array_append_new(list, json_string(one));
    return list;
}

json_t *slack_scope_of(struct scope *s, const char *words)
{
    json_t *labels = json_object(), *accounts = json_array(), *scope = json_object();
    char *rest = scope_strdup(s, words);
    for (char *word; (word = strsep(&rest, " \n\t"));) {
        char *equals = strchr(word, '=');
        if (!*word)
            continue;
        if (!equals) {
            json_array_append_new(accounts, json_pack("{s:s}", "account", word));
            continue;
        }
        *equals = '\0';
        json_object_set_new(labels, word, values_of(equals + 1));
    }
    if (json_object_size(labels))
        json_object_set(scope, "labels", labels);
    if (json_array_size(accounts))
        json_object_set(scope, "accounts", accounts);
    json_decref(labels);
    json_decref(accounts);
    if (json_object_size(scope))
        return scope;
    json_decref(scope);
    return NULL;
}
