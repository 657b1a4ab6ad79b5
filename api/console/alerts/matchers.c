#include "api/console/alerts/matchers.h"

#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "templates/label.h"

#define BLANKS " \t"

static const char *const ops[] = {"!=", "!~", "=~", "=", "in", NULL};

/* Bare, or quoted where a line would be read otherwise. */
static void add_word(struct call *c, struct strbuf *b, const char *text, const char *special)
{
    size_t n = strlen(text);
    bool plain = n && *text != '"' && !strpbrk(text, special) && !strchr(BLANKS, *text) &&
                 !strchr(BLANKS, text[n - 1]);
    strbuf_addstr(b, plain ? text : json_text(c->s, json_own(c->s, json_string(text))));
}

static void add_values(struct call *c, struct strbuf *b, const json_t *values)
{
    json_t *one;
    size_t i;
    json_array_foreach(values, i, one)
    {
        strbuf_addstr(b, i ? ", " : "");
        add_word(c, b, json_string_value(one), ",\r\n");
    }
}

static const char *op_of(const json_t *matcher)
{
    const char *op = json_get_text(matcher, "op");
    return op ? op : "=";
}

static const char *value_of(struct call *c, const json_t *matcher)
{
    STRBUF(b, SIZE_MAX);
    if (!strcmp(op_of(matcher), "in"))
        add_values(c, &b, json_object_get(matcher, "values"));
    else
        add_word(c, &b, json_get_word(matcher, "value"), "\r\n");
    return strbuf_copy(&b, c->s);
}

const char *matchers_text(struct call *c, const json_t *matchers)
{
    STRBUF(b, SIZE_MAX);
    json_t *one;
    size_t i;
    json_array_foreach(matchers, i, one)
    {
        add_word(c, &b, json_get_word(one, "label"), "=!~ \t\r\n");
        strbuf_addf(&b, " %s %s\n", op_of(one), value_of(c, one));
    }
    return strbuf_copy(&b, c->s);
}

/* A JSON string at *at, which moves past it; NULL: none. */
static json_t *quoted(const char **at)
{
    json_error_t error;
    json_t *text =
        **at == '"' ? json_loadb(*at, strlen(*at), JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &error)
                    : NULL;
    if (text)
        *at += error.position;
    return text;
}

/* The word at *at up to one of the octets in stop, without blanks around it. */
static json_t *word(const char **at, const char *stop)
{
    *at += strspn(*at, BLANKS);
    const char *from = *at;
    json_t *text = quoted(at);
    *at += strspn(*at, BLANKS);
    if (text && (!**at || strchr(stop, **at)))
        return text;
    json_decref(text);
    size_t n = strcspn(from, stop);
    *at = from + n;
    while (n && strchr(BLANKS, from[n - 1]))
        n--;
    return json_stringn(from, n);
}

/* The operator at *at, which moves past it. */
static const char *operator_at(const char **at)
{
    *at += strspn(*at, BLANKS);
    for (const char *const *op = ops; *op; op++) {
        size_t n = strlen(*op);
        if (strncmp(*at, *op, n) != 0 || (**op == 'i' && (*at)[n] && !strchr(BLANKS, (*at)[n])))
            continue;
        *at += n;
        return *op;
    }
    return NULL;
}

static json_t *matcher_of(const char *line)
{
    const char *at = line;
    json_t *label, *values = json_array();
    label = *at == '"' ? quoted(&at) : NULL;
    if (!label) {
        size_t n = strcspn(at, "=!~" BLANKS);
        label = json_stringn(at, n);
        at += n;
    }
    const char *op = operator_at(&at);
    json_t *matcher = json_pack("{s:o, s:s}", "label", label, "op", op ? op : line);
    if (op && strcmp(op, "in") != 0)
        json_object_set_new(matcher, "value", word(&at, ""));
    while (op && !strcmp(op, "in") && at[strspn(at, BLANKS)]) {
        json_array_append_new(values, word(&at, ","));
        at += *at == ',';
    }
    if (json_array_size(values))
        json_object_set(matcher, "values", values);
    json_decref(values);
    return matcher;
}

json_t *matchers_typed(struct call *c, const char *field)
{
    json_t *list = json_own(c->s, json_array());
    char *text = scope_strdup(c->s, form_text(c->form, field, "")), *rest;
    for (char *line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
        line += strspn(line, BLANKS);
        if (*line)
            json_array_append_new(list, matcher_of(line));
    }
    return list;
}

json_t *matchers_words(struct call *c, const json_t *matchers)
{
    json_t *list = json_array(), *one;
    size_t i;
    json_array_foreach(matchers, i, one)
    {
        const char *label = label_text(c->s, console_locale(c), "staff_matcher", op_of(one));
        json_t *facts = json_own(c->s, json_pack("{s:s, s:s}", "label", json_get_word(one, "label"),
                                           "value", value_of(c, one)));
        json_array_append_new(list, json_string(label_fill(c->s, label, facts)));
    }
    return list;
}

void matchers_name_errors(json_t *problem, const char *list, const char *field)
{
    size_t i, n = strlen(list);
    json_t *one;
    json_array_foreach(json_object_get(problem, "errors"), i, one)
    {
        const char *name = json_get_word(one, "field");
        if (!strncmp(name, list, n) && (!name[n] || name[n] == '['))
            json_object_set_new(one, "control", json_string(field));
    }
}
