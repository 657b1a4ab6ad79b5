#include "api/forms/tags.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Past the '>' that ends a tag; NULL: none. */
static const char *past(const char *at)
{
    for (bool quoted = false; *at; at++) {
        if (*at == '"')
            quoted = !quoted;
        if (*at == '>' && !quoted)
            return at + 1;
    }
    return NULL;
}

bool tag_next(const char **at, struct tag *ret)
{
    for (const char *open = strchr(*at, '<'); open; open = strchr(open + 1, '<')) {
        bool closes = open[1] == '/';
        if (!isalpha((unsigned char)open[1 + closes]))
            continue;
        *ret = (struct tag){.at = open, .end = past(open), .closes = closes};
        if (!ret->end)
            return false;
        *at = ret->end;
        return true;
    }
    return false;
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == ':' || c == '_';
}

bool tag_is(const struct tag *tag, const char *name)
{
    const char *at = tag->at + 1 + tag->closes;
    size_t len = strlen(name);
    return !strncasecmp(at, name, len) && !is_name(at[len]);
}

/* The name of the attribute in the tag, or NULL. */
static const char *find(
    const struct tag *tag, const char *name, const char **ret_at, size_t *ret_len)
{
    const char *at = tag->at + 1;
    while (at < tag->end && is_name(*at))
        at++;
    while (at < tag->end) {
        while (at < tag->end && !is_name(*at))
            at++;
        const char *from = at, *value = NULL;
        while (at < tag->end && is_name(*at))
            at++;
        size_t len = (size_t)(at - from), size = 0;
        if (at + 1 < tag->end && at[0] == '=' && at[1] == '"') {
            value = at + 2;
            size = strcspn(value, "\"");
            at = value + size + 1;
        }
        if (len != strlen(name) || strncasecmp(from, name, len) != 0)
            continue;
        *ret_at = value;
        *ret_len = size;
        return from;
    }
    return NULL;
}

bool tag_attribute(const struct tag *tag, const char *name, const char **ret_at, size_t *ret_len)
{
    return find(tag, name, ret_at, ret_len) != NULL;
}

const char *tag_flag(const struct tag *tag, const char *name)
{
    const char *at;
    size_t len;
    return find(tag, name, &at, &len);
}

/* The character of a reference such as &quot; or &#34;, and its length; 0: none that we write. */
static size_t reference(const char *at, char *ret)
{
    static const struct {
        const char *text;
        char is;
    } known[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (!strncmp(at, known[i].text, strlen(known[i].text))) {
            *ret = known[i].is;
            return strlen(known[i].text);
        }
    char *end;
    long code = strncmp(at, "&#", 2) != 0 ? 0 : strtol(at + 2, &end, 10);
    if (code < 1 || code > 127 || *end != ';')
        return 0;
    *ret = (char)code;
    return (size_t)(end + 1 - at);
}

static const char *plain(struct scope *s, const char *from, size_t len)
{
    char *text = scope_strndup(s, from, len), *out = text;
    for (const char *at = text; *at; out++) {
        size_t n = *at == '&' ? reference(at, out) : 0;
        if (!n)
            *out = *at;
        at += n ? n : 1;
    }
    *out = '\0';
    return text;
}

const char *tag_value(struct scope *s, const struct tag *tag, const char *name)
{
    const char *at;
    size_t len;
    if (!tag_attribute(tag, name, &at, &len))
        return NULL;
    return at ? plain(s, at, len) : "";
}

const char *tag_text(struct scope *s, const char *from, const char *to)
{
    char *text = scope_alloc(s, (size_t)(to - from) + 1), *out = text;
    for (const char *at = from; at < to; at++) {
        if (*at == '<' && past(at))
            at = past(at) - 1;
        else if (out > text || !isspace((unsigned char)*at))
            *out++ = *at;
    }
    while (out > text && isspace((unsigned char)out[-1]))
        out--;
    *out = '\0';
    return plain(s, text, (size_t)(out - text));
}
