#include "templates/engine/markdown.h"

#include <cmark-gfm-core-extensions.h>

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "templates/engine/node.h"

/* U+FDD0 INDEX U+FDD1: noncharacters, which have no meaning in text. */
#define STAND_IN_OPEN "\xef\xb7\x90"
#define STAND_IN_CLOSE "\xef\xb7\x91"
enum { STAND_IN = 3 };

static void free_node(void *node)
{
    cmark_node_free(node);
}

/* The source with stand-ins for markers, and without stray 0x1f. */
static void replace_markers(
    struct scope *s, const char *source, size_t len, struct strbuf *b, struct markdown *m)
{
    size_t most = 0;
    for (size_t i = 0; i < len; i++)
        most += source[i] == 0x1f;
    const char **markers = SCOPE_ARRAY(s, const char *, most + 1);
    for (size_t i = 0; i < len; i++) {
        size_t marker = marker_length(source + i, len - i);
        if (marker) {
            strbuf_addf(b, STAND_IN_OPEN "%zu" STAND_IN_CLOSE, m->n);
            markers[m->n++] = scope_strndup(s, source + i, marker);
            i += marker - 1;
        } else if (source[i] != 0x1f) {
            strbuf_addch(b, source[i]);
        }
    }
    m->markers = markers;
}

static cmark_syntax_extension *tables;

static void find_tables(void)
{
    cmark_gfm_core_extensions_ensure_registered();
    tables = cmark_find_syntax_extension("table");
}

static cmark_node *parse(const char *text, size_t len)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_tables);
    cmark_parser *parser = cmark_parser_new(CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8);
    if (!tables || !parser || !cmark_parser_attach_syntax_extension(parser, tables))
        abort();
    cmark_parser_feed(parser, text, len);
    cmark_node *document = cmark_parser_finish(parser);
    cmark_parser_free(parser);
    if (!document)
        abort();
    return document;
}

enum rc markdown_parse(struct scope *s, const char *source, struct markdown *ret)
{
    size_t len = strlen(source);
    if (len > MARKDOWN_MAX)
        return fail_field(s, RC_INVALID, "body", "longer than %d bytes", MARKDOWN_MAX);
    struct markdown m = {0};
    STRBUF(replaced, (size_t)MARKDOWN_MAX * 8);
    replace_markers(s, source, len, &replaced, &m);
    m.document = parse(replaced.buf, replaced.len);
    scope_defer(s, free_node, m.document);
    *ret = m;
    return RC_OK;
}

/* The marker whose stand-in begins text, or NULL; *skip is the stand-in's length. */
static const char *stand_in(const struct markdown *m, const char *text, size_t *skip)
{
    if (strncmp(text, STAND_IN_OPEN, STAND_IN) != 0 || !isdigit((unsigned char)text[STAND_IN]))
        return NULL;
    char *end;
    unsigned long index = strtoul(text + STAND_IN, &end, 10);
    if (index >= m->n || strncmp(end, STAND_IN_CLOSE, STAND_IN) != 0)
        return NULL;
    *skip = (size_t)(end - text) + STAND_IN;
    return m->markers[index];
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 && c != '\n' && c != '\t';
}

void markdown_add(const struct markdown *m, const char *text, markdown_put *put)
{
    const char *start = text;
    while (*text) {
        size_t skip = 1;
        const char *marker = stand_in(m, text, &skip);
        if (marker || is_control(*text)) {
            put(m->out, start, (size_t)(text - start));
            if (marker)
                strbuf_addstr(m->out, marker);
            start = text + skip;
        }
        text += skip;
    }
    put(m->out, start, (size_t)(text - start));
}

static bool is_url_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("-._~:/?#[]@!$&'()*+,;=%", c));
}

void markdown_add_url(const struct markdown *m, const char *url, markdown_put *put)
{
    while (*url) {
        size_t skip = 1;
        const char *marker = stand_in(m, url, &skip);
        if (marker)
            strbuf_addstr(m->out, marker);
        else if (is_url_char(*url))
            put(m->out, url, 1);
        else
            strbuf_addf(m->out, "%%%02X", (unsigned char)*url);
        url += skip;
    }
}

bool markdown_links(cmark_node *link)
{
    const char *url = cmark_node_get_url(link);
    return url && (!strncasecmp(url, "https://", 8) || !strncasecmp(url, "mailto:", 7));
}

bool markdown_is_autolink(cmark_node *link)
{
    cmark_node *text = cmark_node_first_child(link);
    if (!text || cmark_node_next(text) || cmark_node_get_type(text) != CMARK_NODE_TEXT)
        return false;
    const char *url = cmark_node_get_url(link), *words = cmark_node_get_literal(text);
    return !strcmp(url, words) || (!strncasecmp(url, "mailto:", 7) && !strcmp(url + 7, words));
}

enum markdown_part markdown_part(cmark_node *node)
{
    static const char *const names[] = {"table", "table_row", "table_cell"};
    const char *name = cmark_node_get_type_string(node);
    if (!strcmp(name, "table_header"))
        return MARKDOWN_ROW;
    for (int part = MARKDOWN_TABLE; part < MARKDOWN_OTHER; part++)
        if (!strcmp(name, names[part]))
            return (enum markdown_part)part;
    return MARKDOWN_OTHER;
}

bool markdown_is_head(cmark_node *node)
{
    if (markdown_part(node) == MARKDOWN_CELL)
        node = cmark_node_parent(node);
    return !strcmp(cmark_node_get_type_string(node), "table_header");
}

bool markdown_is_tight(cmark_node *block)
{
    cmark_node *item = cmark_node_parent(block);
    cmark_node *list = item ? cmark_node_parent(item) : NULL;
    return list && cmark_node_get_type(list) == CMARK_NODE_LIST && cmark_node_get_list_tight(list);
}

enum rc markdown_finish(struct scope *s, const struct strbuf *out, char **ret)
{
    if (out->overflow)
        return fail_field(s, RC_INVALID, "body", "too large when formatted");
    *ret = strbuf_copy(out, s);
    return RC_OK;
}
