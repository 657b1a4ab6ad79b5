#include "api/forms/quoted.h"

#include <string.h>

#include "core/json.h"

#define BETWEEN ",\r\n"

void quoted_add(struct scope *s, struct strbuf *b, const char *text, const char *special)
{
    size_t n = strlen(text);
    bool plain = n && *text != '"' && !strpbrk(text, special) && !strpbrk(text, "\r\n") &&
                 !strchr(QUOTED_BLANKS, *text) && !strchr(QUOTED_BLANKS, text[n - 1]);
    strbuf_addstr(b, plain ? text : json_text(s, json_own(s, json_string(text))));
}

json_t *quoted_text(const char **at)
{
    json_error_t error;
    json_t *text =
        **at == '"' ? json_loadb(*at, strlen(*at), JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &error)
                    : NULL;
    if (text)
        *at += error.position;
    return text;
}

json_t *quoted_word(const char **at, const char *stop)
{
    *at += strspn(*at, QUOTED_BLANKS);
    const char *from = *at;
    json_t *text = quoted_text(at);
    *at += strspn(*at, QUOTED_BLANKS);
    if (text && (!**at || strchr(stop, **at)))
        return text;
    json_decref(text);
    size_t n = strcspn(from, stop);
    *at = from + n;
    while (n && strchr(QUOTED_BLANKS, from[n - 1]))
        n--;
    return json_stringn(from, n);
}

json_t *quoted_list(const char *text)
{
    json_t *list = json_array();
    for (const char *at = text; *at;) {
        json_t *word = quoted_word(&at, BETWEEN);
        if (json_string_length(word))
            json_array_append(list, word);
        json_decref(word);
        at += *at != '\0';
    }
    return list;
}

const char *quoted_joined(struct scope *s, const json_t *list)
{
    STRBUF(b, SIZE_MAX);
    json_t *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        strbuf_addstr(&b, i ? ", " : "");
        quoted_add(s, &b, json_string_value(one), ",");
    }
    return strbuf_copy(&b, s);
}
