/* Markdown to plain text and to Slack's mrkdwn, which differ only in their marks. */
#include "templates/engine/markdown.h"
#include "templates/engine/node.h"

#include <string.h>

enum gap { GAP_NONE, GAP_LINE, GAP_BLANK };

struct style {
    markdown_put *put;
    const char *emphasis, *strong, *code;
    const char *bullet;
    bool fenced;      /* code blocks between ```, otherwise indented */
    bool angle_links; /* <url|text>, otherwise text (url) */
};

struct plain {
    struct markdown m;
    const struct style *style;
    struct strbuf prefix; /* prefix of every line: quote marks and indentation */
    enum gap gap;         /* blank lines due before the next block */
    bool fresh;           /* at the start of a line, prefix not yet written */
};

static void put_text(struct strbuf *b, const char *text, size_t len)
{
    strbuf_add(b, text, len);
}

static void put_slack(struct strbuf *b, const char *text, size_t len)
{
    escape_add(b, ESCAPE_SLACK, false, text, len);
}

static const struct style text_style = {.put = put_text, .bullet = "- "};
static const struct style slack_style = {
    .put = put_slack,
    .bullet = "\xe2\x80\xa2 ",
    .fenced = true,
    .angle_links = true,
    .emphasis = "_",
    .strong = "*",
    .code = "`",
};

static void begin_line(struct plain *p)
{
    if (p->fresh)
        strbuf_add(p->m.out, p->prefix.buf, p->prefix.len);
    p->fresh = false;
}

static void end_line(struct plain *p)
{
    strbuf_addch(p->m.out, '\n');
    p->fresh = true;
}

static void close_gap(struct plain *p)
{
    if (p->gap == GAP_NONE)
        return;
    end_line(p);
    if (p->gap == GAP_BLANK) {
        size_t len = p->prefix.len;
        while (len && p->prefix.buf[len - 1] == ' ')
            len--;
        strbuf_add(p->m.out, p->prefix.buf, len);
        end_line(p);
    }
    p->gap = GAP_NONE;
}

static void prefix_push(struct plain *p, const char *text)
{
    strbuf_addstr(&p->prefix, text);
}

static void prefix_pop(struct plain *p, size_t len)
{
    if (p->prefix.overflow)
        return;
    p->prefix.len -= len;
    p->prefix.buf[p->prefix.len] = '\0';
}

static bool is_head_cell(cmark_node *node)
{
    return markdown_part(node) == MARKDOWN_CELL && markdown_is_head(node);
}

/* What stands before and after a node. Marks do not nest: the head of a table is strong already. */
static const char *mark_of(const struct style *style, cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_EMPH:
        return style->emphasis;
    case CMARK_NODE_STRONG:
        return is_head_cell(cmark_node_parent(node)) ? NULL : style->strong;
    case CMARK_NODE_HEADING:
        return style->strong;
    case CMARK_NODE_CODE:
        return style->code;
    default:
        return NULL;
    }
}

static void add_mark(struct plain *p, cmark_node *node)
{
    const char *mark = mark_of(p->style, node);
    if (mark) {
        begin_line(p);
        strbuf_addstr(p->m.out, mark);
    }
}

/* Text that may contain line breaks (code); each line gets the prefix and indent. */
static void add_lines(struct plain *p, const char *text, const char *indent)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        STRBUF(line, MARKDOWN_MAX * 8);
        strbuf_add(&line, text, len);
        begin_line(p);
        strbuf_addstr(p->m.out, indent);
        markdown_add(&p->m, line.buf, p->style->put);
        text += len;
        if (*text && *++text)
            end_line(p);
    }
}

static void add_code_block(struct plain *p, cmark_node *node)
{
    close_gap(p);
    if (p->style->fenced) {
        begin_line(p);
        strbuf_addstr(p->m.out, "```");
        end_line(p);
    }
    add_lines(p, cmark_node_get_literal(node), p->style->fenced ? "" : "    ");
    if (p->style->fenced) {
        end_line(p);
        begin_line(p);
        strbuf_addstr(p->m.out, "```");
    }
    p->gap = GAP_BLANK;
}

static void add_link(struct plain *p, cmark_node *link, bool enter)
{
    if (!markdown_links(link))
        return;
    struct strbuf *b = p->m.out;
    begin_line(p);
    if (p->style->angle_links && enter) {
        strbuf_addch(b, '<');
        markdown_add_url(&p->m, cmark_node_get_url(link), put_slack);
        strbuf_addch(b, '|');
    } else if (p->style->angle_links) {
        strbuf_addch(b, '>');
    } else if (!enter && !markdown_is_autolink(link)) {
        strbuf_addstr(b, cmark_node_first_child(link) ? " (" : "(");
        markdown_add_url(&p->m, cmark_node_get_url(link), put_text);
        strbuf_addch(b, ')');
    }
}

static unsigned item_number(cmark_node *item)
{
    unsigned number = (unsigned)cmark_node_get_list_start(cmark_node_parent(item));
    while ((item = cmark_node_previous(item)))
        number++;
    return number;
}

static void add_item(struct plain *p, cmark_node *item, bool enter)
{
    static const char indent[] = "   ";
    bool ordered = cmark_node_get_list_type(cmark_node_parent(item)) == CMARK_ORDERED_LIST;
    size_t width = ordered ? 3 : 2;
    if (!enter) {
        prefix_pop(p, width);
        p->gap = cmark_node_get_list_tight(cmark_node_parent(item)) ? GAP_LINE : GAP_BLANK;
        return;
    }
    close_gap(p);
    begin_line(p);
    if (ordered)
        strbuf_addf(p->m.out, "%u. ", item_number(item));
    else
        strbuf_addstr(p->m.out, p->style->bullet);
    prefix_push(p, indent + sizeof indent - 1 - width);
}

static void add_quote(struct plain *p, bool enter)
{
    if (enter) {
        close_gap(p);
        prefix_push(p, "> ");
    } else {
        prefix_pop(p, 2);
        p->gap = GAP_BLANK;
    }
}

static void add_block(struct plain *p, cmark_node *node, bool enter)
{
    if (enter)
        close_gap(p);
    add_mark(p, node);
    if (!enter)
        p->gap = markdown_is_tight(node) ? GAP_LINE : GAP_BLANK;
}

/* A line per row, with " | " between its cells: aligned columns would break in a proportional font
 * and in narrow readers. */
static void add_table(struct plain *p, cmark_node *node, bool enter)
{
    switch (markdown_part(node)) {
    case MARKDOWN_TABLE:
        if (!enter)
            p->gap = GAP_BLANK;
        break;
    case MARKDOWN_ROW:
        if (enter) {
            close_gap(p);
            begin_line(p);
        } else {
            p->gap = GAP_LINE;
        }
        break;
    case MARKDOWN_CELL:
        if (enter && cmark_node_previous(node))
            strbuf_addstr(p->m.out, " | ");
        if (is_head_cell(node) && cmark_node_first_child(node) && p->style->strong)
            strbuf_addstr(p->m.out, p->style->strong);
        break;
    case MARKDOWN_OTHER:
        break;
    }
}

static void add_node(struct plain *p, cmark_node *node, bool enter)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_PARAGRAPH:
    case CMARK_NODE_HEADING:
        add_block(p, node, enter);
        break;
    case CMARK_NODE_BLOCK_QUOTE:
        add_quote(p, enter);
        break;
    case CMARK_NODE_ITEM:
        add_item(p, node, enter);
        break;
    case CMARK_NODE_LIST:
        if (!enter)
            p->gap = markdown_is_tight(node) ? GAP_LINE : GAP_BLANK;
        break;
    case CMARK_NODE_CODE_BLOCK:
        add_code_block(p, node);
        break;
    case CMARK_NODE_THEMATIC_BREAK:
        close_gap(p);
        begin_line(p);
        strbuf_addstr(p->m.out, "---");
        p->gap = GAP_BLANK;
        break;
    case CMARK_NODE_LINK:
        add_link(p, node, enter);
        break;
    case CMARK_NODE_HTML_BLOCK: /* tags are text: words in angle brackets never vanish */
        close_gap(p);
        add_lines(p, cmark_node_get_literal(node), "");
        p->gap = GAP_BLANK;
        break;
    case CMARK_NODE_HTML_INLINE:
        add_lines(p, cmark_node_get_literal(node), "");
        break;
    case CMARK_NODE_TEXT:
        begin_line(p);
        markdown_add(&p->m, cmark_node_get_literal(node), p->style->put);
        break;
    case CMARK_NODE_CODE:
        add_mark(p, node);
        begin_line(p);
        markdown_add(&p->m, cmark_node_get_literal(node), p->style->put);
        add_mark(p, node);
        break;
    case CMARK_NODE_SOFTBREAK:
        strbuf_addch(p->m.out, ' ');
        break;
    case CMARK_NODE_LINEBREAK:
        end_line(p);
        break;
    case CMARK_NODE_EMPH:
    case CMARK_NODE_STRONG:
        add_mark(p, node);
        break;
    default: /* keep the text of an image */
        add_table(p, node, enter);
    }
}

static enum rc render(struct scope *s, const char *markdown, const struct style *style, char **ret)
{
    STRBUF(out, MARKDOWN_OUTPUT_MAX);
    struct plain p = {.style = style, .fresh = true, .prefix = STRBUF_INIT(MARKDOWN_OUTPUT_MAX)};
    TRY(markdown_parse(s, markdown, &p.m));
    p.m.out = &out;
    cmark_iter *iter = cmark_iter_new(p.m.document);
    for (cmark_event_type event;
         !out.overflow && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE;)
        add_node(&p, cmark_iter_get_node(iter), event == CMARK_EVENT_ENTER);
    cmark_iter_free(iter);
    strbuf_release(&p.prefix);
    return markdown_finish(s, &out, ret);
}

enum rc markdown_text(struct scope *s, const char *markdown, char **ret)
{
    return render(s, markdown, &text_style, ret);
}

enum rc markdown_slack(struct scope *s, const char *markdown, char **ret)
{
    return render(s, markdown, &slack_style, ret);
}
