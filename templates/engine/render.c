#include "templates/engine/node.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The context stack, innermost first; it lives on the C stack. */
struct frame {
    const json_t *value;
    const struct frame *up;
    size_t index, count; /* position in the list that contains value; count 0: no list */
};

/* Indentation of nested standalone partials, innermost first. */
struct indent {
    const char *text;
    size_t len;
    const struct indent *up;
};

struct renderer {
    struct scope *s;
    struct strbuf *out;
    const struct indent *indent; /* of the current source, or NULL */
    size_t steps;
    unsigned depth;
};

static enum rc render(struct renderer *r, const struct template *t, size_t from, size_t to,
    const struct frame *frame);

static void add_indent(struct strbuf *b, const struct indent *indent)
{
    if (!indent)
        return;
    add_indent(b, indent->up);
    strbuf_add(b, indent->text, indent->len);
}

static void add_text(struct renderer *r, const char *text, size_t len)
{
    if (!r->indent) {
        strbuf_add(r->out, text, len);
        return;
    }
    while (len) {
        const char *newline = memchr(text, '\n', len);
        size_t line = newline ? (size_t)(newline - text) + 1 : len;
        strbuf_add(r->out, text, line);
        text += line;
        len -= line;
        if (len)
            add_indent(r->out, r->indent);
    }
}

/* -first and -last of the innermost list: what JSON arrays need for their commas. */
static const json_t *find_position(const char *name, const struct frame *frame)
{
    while (frame && !frame->count)
        frame = frame->up;
    if (!frame)
        return NULL;
    if (!strcmp(name, "-first"))
        return json_boolean(frame->index == 0);
    if (!strcmp(name, "-last"))
        return json_boolean(frame->index == frame->count - 1);
    return NULL;
}

/* What a section of the sample would contain is unknown: its names cannot be checked. */
static bool is_hollow(const json_t *value)
{
    return json_is_null(value) || (json_is_array(value) && !json_array_size(value));
}

/* NULL: not in the context. */
static const json_t *find(
    const struct template *t, const struct path *path, const struct frame *frame)
{
    if (!path->n)
        return frame->value;
    if (!t->lenient && path->n == 1 && path->at[0][0] == '-') {
        const json_t *position = find_position(path->at[0], frame);
        return position || !t->every ? position : json_null(); /* in a list that is empty here */
    }
    const json_t *value = NULL;
    for (const struct frame *f = frame; f && !value; f = f->up) {
        value = json_object_get(f->value, path->at[0]);
        if (!value && t->every && is_hollow(f->value))
            return f->value;
    }
    for (size_t i = 1; i < path->n && value; i++) {
        /* A member of null is null; a missing member of an object is unknown. */
        if (json_is_null(value))
            return value;
        value = json_object_get(value, path->at[i]);
    }
    return value;
}

static enum rc lookup(struct renderer *r, const struct template *t, const struct node *node,
    const struct frame *frame, const json_t **ret)
{
    *ret = find(t, &node->path, frame);
    if (!*ret && !t->lenient)
        return template_fail(
            r->s, t->name, t->text, node->offset, "unknown variable %s", node->path.text);
    return RC_OK;
}

/* The shortest decimal that parses to the same number. */
static void add_real(struct strbuf *b, double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        char text[40];
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (digits < 17 && strtod(text, NULL) != value)
            continue;
        strbuf_addstr(b, text);
        return;
    }
}

static bool is_truthy(const json_t *value)
{
    switch (value ? json_typeof(value) : JSON_NULL) {
    case JSON_NULL:
    case JSON_FALSE:
        return false;
    case JSON_STRING:
        return json_string_length(value) > 0;
    case JSON_INTEGER:
        return json_integer_value(value) != 0;
    case JSON_REAL:
        return json_real_value(value) != 0;
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    default:
        return true;
    }
}

static enum rc add_value(struct renderer *r, const struct template *t, const struct node *node,
    const struct frame *frame)
{
    const json_t *value;
    TRY(lookup(r, t, node, frame, &value));
    if (!value)
        return RC_OK;
    if (t->full && !json_is_number(value) && !is_truthy(value))
        return fail(r->s, RC_INVALID, "{{%s}} is empty", node->path.text);
    switch (json_typeof(value)) {
    case JSON_STRING:
        if (escape_add(
                r->out, t->escape, node->raw, json_string_value(value), json_string_length(value)))
            return RC_OK;
        return template_fail(r->s, t->name, t->text, node->offset,
            "%s contains a line break, which a header cannot", node->path.text);
    case JSON_INTEGER:
        strbuf_addf(r->out, "%" PRId64, (int64_t)json_integer_value(value));
        return RC_OK;
    case JSON_REAL:
        add_real(r->out, json_real_value(value));
        return RC_OK;
    case JSON_TRUE:
        strbuf_addstr(r->out, "true");
        return RC_OK;
    case JSON_FALSE:
        strbuf_addstr(r->out, "false");
        return RC_OK;
    case JSON_NULL:
        return RC_OK;
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    if (t->lenient || (t->every && is_hollow(value)))
        return RC_OK;
    return template_fail(
        r->s, t->name, t->text, node->offset, "%s is not a single value", node->path.text);
}

static enum rc add_section(
    struct renderer *r, const struct template *t, size_t at, const struct frame *frame)
{
    const struct node *node = &t->nodes[at];
    const json_t *value;
    TRY(lookup(r, t, node, frame, &value));
    if (!t->every && is_truthy(value) == (node->op == OP_INVERTED))
        return RC_OK;
    if (node->op == OP_INVERTED)
        return render(r, t, at + 1, node->end, frame);
    if (!json_is_array(value) || (t->every && is_hollow(value))) {
        struct frame inner = {.value = value, .up = frame};
        return render(r, t, at + 1, node->end, &inner);
    }
    size_t count = json_array_size(value);
    for (size_t i = 0; i < count; i++) {
        struct frame inner = {
            .value = json_array_get(value, i), .up = frame, .index = i, .count = count};
        TRY(render(r, t, at + 1, node->end, &inner));
    }
    return RC_OK;
}

static enum rc add_partial(struct renderer *r, const struct node *node, const struct frame *frame)
{
    if (!node->partial)
        return RC_OK;
    /* The source of an inline partial is inserted into the line without indentation. */
    const struct indent *outer = r->indent;
    struct indent inner = {.text = node->text, .len = node->len, .up = outer};
    r->indent = node->alone ? &inner : NULL;
    enum rc rc = render(r, node->partial, 0, node->partial->n, frame);
    r->indent = outer;
    return rc;
}

static enum rc add_node(
    struct renderer *r, const struct template *t, size_t at, const struct frame *frame)
{
    const struct node *node = &t->nodes[at];
    if (node->bol)
        add_indent(r->out, r->indent);
    switch (node->op) {
    case OP_TEXT:
        add_text(r, node->text, node->len);
        return RC_OK;
    case OP_VALUE:
        return add_value(r, t, node, frame);
    case OP_SECTION:
    case OP_INVERTED:
        return add_section(r, t, at, frame);
    case OP_PARTIAL:
        return add_partial(r, node, frame);
    }
    return RC_OK;
}

static enum rc render(
    struct renderer *r, const struct template *t, size_t from, size_t to, const struct frame *frame)
{
    if (r->depth == TEMPLATE_DEPTH_MAX)
        return fail(r->s, RC_INVALID, "%s: sections and partials nest too deep", t->name);
    r->depth++;
    for (size_t at = from; at < to;) {
        if (++r->steps > TEMPLATE_STEPS_MAX)
            return fail(r->s, RC_INVALID, "%s: too many nodes to render", t->name);
        TRY(add_node(r, t, at, frame));
        if (r->out->overflow)
            return fail(r->s, RC_INVALID, "%s: output too large", t->name);
        bool section = t->nodes[at].op == OP_SECTION || t->nodes[at].op == OP_INVERTED;
        at = section ? t->nodes[at].end : at + 1;
    }
    r->depth--;
    return RC_OK;
}

enum rc template_render(
    struct scope *s, const struct template *t, const json_t *context, struct strbuf *out)
{
    struct renderer r = {.s = s, .out = out};
    struct frame root = {.value = context ? context : json_null()};
    return render(&r, t, 0, t->n, &root);
}
