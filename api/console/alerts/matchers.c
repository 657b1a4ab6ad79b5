#include "api/console/alerts/matchers.h"

#include <string.h>

#include "api/console/console.h"
#include "api/forms/quoted.h"
#include "core/json.h"
#include "templates/label.h"

static const char *const ops[] = {"!=", "!~", "=~", "=", "in", NULL};

static const char *op_of(const json_t *matcher)
{
    const char *op = json_get_text(matcher, "op");
    return op ? op : "=";
}

static const char *value_of(struct call *c, const json_t *matcher)
{
    STRBUF(b, SIZE_MAX);
    if (!strcmp(op_of(matcher), "in"))
        return quoted_joined(c->s, json_object_get(matcher, "values"));
    quoted_add(c->s, &b, json_get_word(matcher, "value"), "");
    return strbuf_copy(&b, c->s);
}

const char *matchers_text(struct call *c, const json_t *matchers)
{
    STRBUF(b, SIZE_MAX);
    json_t *one;
    size_t i;
    json_array_foreach(matchers, i, one)
    {
        quoted_add(c->s, &b, json_get_word(one, "label"), "=!~" QUOTED_BLANKS);
        strbuf_addf(&b, " %s %s\n", op_of(one), value_of(c, one));
    }
    return strbuf_copy(&b, c->s);
}

/* The operator at *at, which moves past it. */
static const char *operator_at(const char **at)
{
    *at += strspn(*at, QUOTED_BLANKS);
    for (const char *const *op = ops; *op; op++) {
        size_t n = strlen(*op);
        if (strncmp(*at, *op, n) != 0 ||
            (**op == 'i' && (*at)[n] && !strchr(QUOTED_BLANKS, (*at)[n])))
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
    label = *at == '"' ? quoted_text(&at) : NULL;
    if (!label) {
        size_t n = strcspn(at, "=!~" QUOTED_BLANKS);
        label = json_stringn(at, n);
        at += n;
    }
    const char *op = operator_at(&at);
    json_t *matcher = json_pack("{s:o, s:s}", "label", label, "op", op ? op : line);
    if (op && strcmp(op, "in") != 0)
        json_object_set_new(matcher, "value", quoted_word(&at, ""));
    while (op && !strcmp(op, "in") && at[strspn(at, QUOTED_BLANKS)]) {
        json_array_append_new(values, quoted_word(&at, ","));
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
        line += strspn(line, QUOTED_BLANKS);
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
