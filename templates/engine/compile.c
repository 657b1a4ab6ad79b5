/* Mustache source to nodes. https://mustache.github.io/mustache.5.html and the core specification.
 */
#include "templates/engine/scan.h"

#include <string.h>

/* Partials of one compilation, each compiled once. */
struct library {
    const struct template_options *options;
    struct entry *entries;
    unsigned n, depth;
};

struct entry {
    struct entry *next;
    const char *name;
    bool open;                 /* still compiling: another reference to it is a cycle */
    struct template *template; /* NULL: it does not exist */
};

struct compiler {
    struct library *library;
    struct scanner scan;
    struct node *nodes;
    size_t n, alloc;
    size_t sections[TEMPLATE_NESTING_MAX]; /* open sections, as indexes of nodes */
    size_t depth;
    bool bol; /* the next node is the first of its source line */
};

static struct node *node_add(struct compiler *c, enum op op, size_t offset)
{
    if (c->n == c->alloc) {
        size_t alloc = c->alloc ? c->alloc * 2 : 16;
        struct node *grown = SCOPE_ARRAY(c->scan.s, struct node, alloc);
        if (c->n)
            memcpy(grown, c->nodes, c->n * sizeof *grown);
        c->nodes = grown;
        c->alloc = alloc;
    }
    struct node *node = &c->nodes[c->n++];
    *node = (struct node){.op = op, .offset = offset, .bol = c->bol};
    c->bol = false;
    return node;
}

static void text_add(struct compiler *c, size_t from, size_t to)
{
    if (from == to)
        return;
    struct node *node = node_add(c, OP_TEXT, from);
    node->text = c->scan.text + from;
    node->len = to - from;
    c->bol = c->scan.text[to - 1] == '\n';
}

static enum rc path_parse(struct compiler *c, const struct tag *tag, struct path *ret)
{
    struct slice name = scan_trimmed(tag->body);
    const char *text = scope_strndup(c->scan.s, name.at, name.len);
    size_t n = 1;
    for (size_t i = 0; i < name.len; i++) {
        if (scan_is_space(text[i]) || !text[i])
            return scan_fail(&c->scan, tag->start, "white space in name");
        n += text[i] == '.';
    }
    if (!strcmp(text, ".")) {
        *ret = (struct path){.text = text};
        return RC_OK;
    }
    char *rest = scope_strdup(c->scan.s, text);
    const char **parts = SCOPE_ARRAY(c->scan.s, const char *, n);
    for (size_t i = 0; i < n; i++) {
        parts[i] = strsep(&rest, ".");
        if (!parts[i][0])
            return scan_fail(&c->scan, tag->start, name.len ? "empty part in name" : "no name");
    }
    *ret = (struct path){.text = text, .at = parts, .n = n};
    return RC_OK;
}

static enum rc section_open(struct compiler *c, const struct tag *tag)
{
    if (c->depth == TEMPLATE_NESTING_MAX)
        return scan_fail(&c->scan, tag->start, "sections nest too deep");
    struct path path = {0};
    TRY(path_parse(c, tag, &path));
    c->sections[c->depth++] = c->n;
    node_add(c, tag->sigil == '#' ? OP_SECTION : OP_INVERTED, tag->start)->path = path;
    return RC_OK;
}

static enum rc section_close(struct compiler *c, const struct tag *tag)
{
    struct path path = {.text = ""};
    TRY(path_parse(c, tag, &path));
    if (!c->depth)
        return scan_fail(&c->scan, tag->start, "{{/%s}} closes no section", path.text);
    struct node *section = &c->nodes[c->sections[--c->depth]];
    if (strcmp(section->path.text, path.text) != 0)
        return scan_fail(&c->scan, tag->start, "{{/%s}} where {{/%s}} is expected", path.text,
            section->path.text);
    section->end = c->n;
    return RC_OK;
}

static enum rc compile(struct scope *s, struct library *library, struct template *t);

static enum rc partial_find(
    struct compiler *c, const char *name, size_t offset, const struct template **ret)
{
    struct library *library = c->library;
    const struct template_options *options = library->options;
    for (struct entry *e = library->entries; e; e = e->next) {
        if (strcmp(e->name, name) != 0)
            continue;
        if (e->open && !options->lenient)
            return scan_fail(&c->scan, offset, "partial %s includes itself", name);
        *ret = e->template;
        return RC_OK;
    }
    const char *file = name, *text = NULL;
    if (options->partials)
        text = options->partials(c->scan.s, name, options->ctx, &file);
    if (!text && !options->lenient)
        return scan_fail(&c->scan, offset, "no partial %s", name);
    if (++library->n > TEMPLATE_PARTIALS_MAX)
        return scan_fail(&c->scan, offset, "more than %d partials", TEMPLATE_PARTIALS_MAX);
    struct entry *entry = SCOPE_NEW(c->scan.s, struct entry);
    *entry = (struct entry){.next = library->entries, .name = name, .open = true};
    library->entries = entry;
    if (text) {
        if (library->depth == TEMPLATE_NESTING_MAX)
            return scan_fail(&c->scan, offset, "partials nest too deep");
        entry->template = SCOPE_NEW(c->scan.s, struct template);
        *entry->template = (struct template){.name = file, .text = text};
        library->depth++;
        TRY(compile(c->scan.s, library, entry->template));
        library->depth--;
    }
    entry->open = false;
    *ret = entry->template;
    return RC_OK;
}

static enum rc partial_add(struct compiler *c, const struct tag *tag)
{
    struct slice name = scan_trimmed(tag->body);
    if (!name.len || memchr(name.at, '\n', name.len))
        return scan_fail(&c->scan, tag->start, "invalid name of a partial");
    const struct template *partial = NULL;
    const char *mark = tag->sigil == '@' ? "@" : "";
    const char *full = scope_printf(c->scan.s, "%s%.*s", mark, (int)name.len, name.at);
    TRY(partial_find(c, full, tag->start, &partial));
    struct node *node = node_add(c, OP_PARTIAL, tag->start);
    node->partial = partial;
    node->alone = tag->standalone;
    node->text = tag->indent.at;
    node->len = tag->indent.len;
    return RC_OK;
}

static enum rc tag_add(struct compiler *c, const struct tag *tag)
{
    switch (tag->sigil) {
    case '!':
        return RC_OK;
    case '=':
        return scan_delimiters(&c->scan, tag);
    case '#':
    case '^':
        return section_open(c, tag);
    case '/':
        return section_close(c, tag);
    case '>':
    case '@':
        return partial_add(c, tag);
    default:
        break;
    }
    struct path path = {0};
    TRY(path_parse(c, tag, &path));
    struct node *node = node_add(c, OP_VALUE, tag->start);
    node->path = path;
    node->raw = tag->sigil != 0;
    return RC_OK;
}

static enum rc compile(struct scope *s, struct library *library, struct template *t)
{
    struct compiler c = {.library = library,
        .bol = true,
        .scan = {.s = s,
            .name = t->name,
            .text = t->text,
            .len = strlen(t->text),
            .open = {"{{", 2},
            .close = {"}}", 2}}};
    if (c.scan.len > TEMPLATE_SOURCE_MAX)
        return fail(s, RC_INVALID, "%s: template too large", t->name);
    for (;;) {
        struct tag tag = {0};
        size_t from = c.scan.pos;
        bool found = false;
        TRY(scan_tag(&c.scan, &tag, &found));
        if (!found)
            break;
        text_add(&c, from, tag.start - tag.indent.len);
        /* A standalone tag produces no line of output: the line that follows it comes next. */
        c.bol = c.bol && !tag.standalone;
        TRY(tag_add(&c, &tag));
        c.bol = c.bol || tag.standalone;
    }
    if (c.depth) {
        const struct node *open = &c.nodes[c.sections[c.depth - 1]];
        return scan_fail(&c.scan, open->offset, "section %s is not closed", open->path.text);
    }
    text_add(&c, c.scan.pos, c.scan.len);
    t->nodes = c.nodes;
    t->n = c.n;
    t->escape = library->options->escape;
    t->lenient = library->options->lenient;
    t->full = library->options->full;
    t->every = library->options->every;
    return RC_OK;
}

enum rc template_compile(struct scope *s, const char *name, const char *text,
    const struct template_options *options, struct template **ret)
{
    struct library library = {.options = options};
    struct template *t = SCOPE_NEW(s, struct template);
    *t = (struct template){.name = scope_strdup(s, name), .text = scope_strdup(s, text)};
    TRY(compile(s, &library, t));
    *ret = t;
    return RC_OK;
}
