#include "templates/engine/markdown.h"
#include "templates/engine/node.h"

static void put(struct strbuf *b, const char *text, size_t len)
{
    escape_add(b, ESCAPE_HTML, false, text, len);
}

/* Nodes that are only a pair of tags. */
static const struct {
    const char *open;
    const char *close;
} pairs[CMARK_NODE_LAST_INLINE + 1] = {
    [CMARK_NODE_BLOCK_QUOTE] = {.open = "<blockquote>\n", .close = "</blockquote>\n"},
    [CMARK_NODE_ITEM] = {.open = "<li>", .close = "</li>\n"},
    [CMARK_NODE_EMPH] = {.open = "<em>", .close = "</em>"},
    [CMARK_NODE_STRONG] = {.open = "<strong>", .close = "</strong>"},
    [CMARK_NODE_THEMATIC_BREAK] = {.open = "<hr>\n"},
    [CMARK_NODE_SOFTBREAK] = {.open = "\n"},
    [CMARK_NODE_LINEBREAK] = {.open = "<br>\n"},
};

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
    cmark_node_type type = cmark_node_get_type(node);
    switch (type) {
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
    default: {
        const char *text = enter ? pairs[type].open : pairs[type].close;
        strbuf_addstr(b, text ? text : "");
    }
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
