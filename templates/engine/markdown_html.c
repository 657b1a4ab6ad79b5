#include "templates/engine/markdown.h"
#include "templates/engine/node.h"

static void put(struct strbuf *b, const char *text, size_t len)
{
    escape_add(b, ESCAPE_HTML, false, text, len);
}

/* Nodes that are only a pair of tags. */
static const struct {
    cmark_node_type type;
    const char *open;
    const char *close;
} pairs[] = {
    {CMARK_NODE_BLOCK_QUOTE, "<blockquote>\n", "</blockquote>\n"},
    {CMARK_NODE_ITEM, "<li>", "</li>\n"},
    {CMARK_NODE_EMPH, "<em>", "</em>"},
    {CMARK_NODE_STRONG, "<strong>", "</strong>"},
    {CMARK_NODE_THEMATIC_BREAK, "<hr>\n", ""},
    {CMARK_NODE_SOFTBREAK, "\n", ""},
    {CMARK_NODE_LINEBREAK, "<br>\n", ""},
};

static void add_pair(struct strbuf *b, cmark_node *node, bool enter)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (pairs[i].type == cmark_node_get_type(node))
            strbuf_addstr(b, enter ? pairs[i].open : pairs[i].close);
}

/* Alignments are left out: neither mails nor pages allow styles in a body. */
static void add_table(struct strbuf *b, cmark_node *node, bool enter)
{
    bool head = markdown_part(node) != MARKDOWN_TABLE && markdown_is_head(node);
    switch (markdown_part(node)) {
    case MARKDOWN_TABLE:
        strbuf_addstr(b, enter ? "<table>\n" : "</table>\n");
        break;
    case MARKDOWN_ROW:
        strbuf_addstr(b, enter ? "<tr>" : "</tr>\n");
        break;
    case MARKDOWN_CELL:
        strbuf_addf(b, enter ? "<t%c>" : "</t%c>", head ? 'h' : 'd');
        break;
    case MARKDOWN_OTHER:
        break;
    }
}

static void add_list(struct strbuf *b, cmark_node *list, bool enter)
{
    if (cmark_node_get_list_type(list) == CMARK_BULLET_LIST)
        strbuf_addstr(b, enter ? "<ul>\n" : "</ul>\n");
    else if (!enter)
        strbuf_addstr(b, "</ol>\n");
    else if (cmark_node_get_list_start(list) == 1)
        strbuf_addstr(b, "<ol>\n");
    else
        strbuf_addf(b, "<ol start=\"%d\">\n", cmark_node_get_list_start(list));
}

static void add_link(const struct markdown *m, cmark_node *link, bool enter)
{
    if (!markdown_links(link))
        return;
    if (!enter) {
        strbuf_addstr(m->out, "</a>");
        return;
    }
    strbuf_addstr(m->out, "<a href=\"");
    markdown_add_url(m, cmark_node_get_url(link), put);
    strbuf_addstr(m->out, "\">");
}

static void add_code(
    const struct markdown *m, cmark_node *node, const char *open, const char *close)
{
    strbuf_addstr(m->out, open);
    markdown_add(m, cmark_node_get_literal(node), put);
    strbuf_addstr(m->out, close);
}

static void add_node(const struct markdown *m, cmark_node *node, bool enter)
{
    struct strbuf *b = m->out;
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_PARAGRAPH:
        if (!markdown_is_tight(node))
            strbuf_addstr(b, enter ? "<p>" : "</p>\n");
        else if (!enter && cmark_node_next(node))
            strbuf_addstr(b, "\n");
        break;
    case CMARK_NODE_HEADING:
        /* A body is below the headings of its mail or page, so h1 becomes h3. */
        strbuf_addf(b, enter ? "<h%d>" : "</h%d>\n",
            cmark_node_get_heading_level(node) < 4 ? cmark_node_get_heading_level(node) + 2 : 6);
        break;
    case CMARK_NODE_LIST:
        add_list(b, node, enter);
        break;
    case CMARK_NODE_LINK:
        add_link(m, node, enter);
        break;
    case CMARK_NODE_TEXT:
    case CMARK_NODE_HTML_INLINE: /* tags are text: words in angle brackets never vanish */
        markdown_add(m, cmark_node_get_literal(node), put);
        break;
    case CMARK_NODE_HTML_BLOCK:
        add_code(m, node, "<p>", "</p>\n");
        break;
    case CMARK_NODE_CODE:
        add_code(m, node, "<code>", "</code>");
        break;
    case CMARK_NODE_CODE_BLOCK:
        add_code(m, node, "<pre><code>", "</code></pre>\n");
        break;
    default:
        add_pair(b, node, enter);
        add_table(b, node, enter);
    }
}

enum rc markdown_html(struct scope *s, const char *markdown, char **ret)
{
    struct markdown m;
    TRY(markdown_parse(s, markdown, &m));
    STRBUF(out, MARKDOWN_OUTPUT_MAX);
    m.out = &out;
    cmark_iter *iter = cmark_iter_new(m.document);
    for (cmark_event_type event;
         !out.overflow && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;)
        add_node(&m, cmark_iter_get_node(iter), event == CMARK_EVENT_ENTER);
    cmark_iter_free(iter);
    return markdown_finish(s, &out, ret);
}
