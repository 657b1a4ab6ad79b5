#include "api/console/drawing.h"

#include <ctype.h>
#include <string.h>

#include "api/console/console.h"
#include "core/json.h"

enum { HTML_MAX = 256 * 1024 };

static void add_escaped(struct strbuf *b, char ch)
{
    const char *entity = ch == '<'   ? "&lt;"
                         : ch == '>' ? "&gt;"
                         : ch == '"' ? "&quot;"
                         : ch == '&' ? "&amp;"
                                     : NULL;
    if (entity)
        strbuf_addstr(b, entity);
    else
        strbuf_addch(b, ch);
}

/* Slack's texts have these three entities already. */
static size_t entity_at(const char *at)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strncmp(at, known[i], strlen(known[i])))
            return strlen(known[i]);
    return 0;
}

static void add_text(struct strbuf *b, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t entity = entity_at(text + i);
        if (entity && entity <= len - i) {
            strbuf_add(b, text + i, entity);
            i += entity;
        } else {
            add_escaped(b, text[i++]);
        }
    }
}

/* <URL|words>, or <!date^...|words>, of which the words are shown. Returns the length of it, or 0.
 */
static size_t add_link(struct strbuf *b, const char *at)
{
    const char *end = strpbrk(at + 1, "<>\n");
    if (!end || *end != '>')
        return 0;
    size_t len = (size_t)(end - at) - 1;
    const char *bar = memchr(at + 1, '|', len);
    const char *words = bar ? bar + 1 : at + 1;
    bool is_link = !strncmp(at + 1, "http://", 7) || !strncmp(at + 1, "https://", 8) ||
                   !strncmp(at + 1, "mailto:", 7);
    if (is_link) {
        strbuf_addstr(b, "<a target=\"_blank\" rel=\"noopener\" href=\"");
        add_text(b, at + 1, bar ? (size_t)(bar - at) - 1 : len);
        strbuf_addstr(b, "\">");
    }
    add_text(b, words, (size_t)(end - words));
    if (is_link)
        strbuf_addstr(b, "</a>");
    return (size_t)(end - at) + 1;
}

static const struct mark {
    char sign;
    const char *tag;
} marks[] = {{'*', "strong"}, {'_', "em"}, {'~', "s"}, {'`', "code"}};

static const struct mark *mark_of(char sign)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (marks[i].sign == sign)
            return &marks[i];
    return NULL;
}

static bool is_word(char ch)
{
    return isalnum((unsigned char)ch) || (unsigned char)ch >= 0x80;
}

/* The sign that ends what *at begins, on the same line; NULL: it is plain text. */
static const char *closing(const char *at, const char *text)
{
    if ((at > text && is_word(at[-1])) || !at[1] || isspace((unsigned char)at[1]))
        return NULL;
    for (const char *to = at + 2; *to && *to != '\n'; to++)
        if (*to == *at && !isspace((unsigned char)to[-1]) && !is_word(to[1]))
            return to;
    return NULL;
}

void drawing_mrkdwn(struct strbuf *b, const char *text)
{
    const char *ends[sizeof marks / sizeof marks[0]] = {NULL};
    for (const char *at = text; *at;) {
        const struct mark *mark = mark_of(*at);
        const char **end = mark ? &ends[mark - marks] : NULL;
        size_t len = *at == '<' ? add_link(b, at) : 0;
        if (len) {
            at += len;
            continue;
        }
        if (mark && at == *end) {
            strbuf_addf(b, "</%s>", mark->tag);
            *end = NULL;
        } else if (mark && !*end && (*end = closing(at, text))) {
            strbuf_addf(b, "<%s>", mark->tag);
        } else if (*at == '\n') {
            strbuf_addstr(b, "<br>");
        } else {
            add_text(b, at, entity_at(at) ? entity_at(at) : 1);
            at += entity_at(at) ? entity_at(at) - 1 : 0;
        }
        at++;
    }
}

static void add_part(json_t *drawn, const char *kind, json_t *html)
{
    json_array_append_new(
        json_object_get(drawn, "parts"), json_pack("{s:s, s:o}", "kind", kind, "html", html));
}

static json_t *escaped(const char *text)
{
    STRBUF(b, HTML_MAX);
    for (; *text; text++)
        add_escaped(&b, *text);
    return json_string(b.buf);
}

static json_t *mrkdwn(const json_t *text)
{
    STRBUF(b, HTML_MAX);
    const char *written = json_get_word(text, "text");
    if (!strcmp(json_get_word(text, "type"), "plain_text"))
        add_text(&b, written, strlen(written)); /* has the entities, too */
    else
        drawing_mrkdwn(&b, written);
    return json_string(b.buf);
}

static void draw_slack(const json_t *post, json_t *drawn)
{
    size_t i, k;
    json_t *block, *element;
    json_array_foreach(json_object_get(post, "blocks"), i, block)
    {
        const char *kind = json_get_word(block, "type");
        if (json_object_get(block, "text"))
            add_part(drawn, kind, mrkdwn(json_object_get(block, "text")));
        json_array_foreach(json_object_get(block, "elements"), k, element)
            add_part(drawn, kind, mrkdwn(element));
    }
    if (!json_array_size(json_object_get(drawn, "parts")))
        add_part(drawn, "section", mrkdwn(post)); /* its own text, without blocks */
}

static void add_action(json_t *drawn, const json_t *action)
{
    json_array_append_new(json_object_get(drawn, "actions"),
        json_pack("{s:s, s:s}", "title", json_get_word(action, "title"), "url",
            json_get_word(action, "url")));
}

/* https://adaptivecards.io/explorer/RichTextBlock.html and TextBlock.html */
static void draw_teams(struct call *c, const json_t *post, json_t *drawn)
{
    const json_t *card =
        json_object_get(json_array_get(json_object_get(post, "attachments"), 0), "content");
    size_t i, k;
    json_t *block, *inline_text;
    json_array_foreach(json_object_get(card, "body"), i, block)
    {
        const json_t *inlines = json_object_get(block, "inlines");
        STRBUF(text, HTML_MAX);
        json_array_foreach(inlines, k, inline_text)
            strbuf_addstr(&text, json_get_word(inline_text, "text"));
        const json_t *first = inlines ? json_array_get(inlines, 0) : block;
        const char *kind = json_is_true(json_object_get(first, "isSubtle")) ? "context"
                           : !strcmp(json_get_word(first, "size"), "large") ? "header"
                                                                            : "section";
        if (inlines)
            add_part(drawn, kind, escaped(text.buf));
        else
            add_part(drawn, kind, console_markdown(c, json_object_get(block, "text")));
    }
    json_array_foreach(json_object_get(card, "actions"), i, block) add_action(drawn, block);
}

static void draw_discord(struct call *c, const json_t *post, json_t *drawn)
{
    size_t i;
    json_t *embed;
    add_part(drawn, "section", console_markdown(c, json_object_get(post, "content")));
    json_array_foreach(json_object_get(post, "embeds"), i, embed)
        add_part(drawn, "context", console_markdown(c, json_object_get(embed, "description")));
}

static void add_plain(struct strbuf *b, const char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            strbuf_addstr(b, "<br>");
        else
            add_escaped(b, *text);
}

/* The notification of api/static/push.js: a click on it opens its URL. */
static void draw_push(const json_t *post, json_t *drawn)
{
    STRBUF(title, HTML_MAX);
    STRBUF(body, HTML_MAX);
    strbuf_addstr(&title, "<a target=\"_blank\" rel=\"noopener\" href=\"");
    add_plain(&title, json_get_word(post, "url"));
    strbuf_addstr(&title, "\">");
    add_plain(&title, json_get_word(post, "title"));
    strbuf_addstr(&title, "</a>");
    add_plain(&body, json_get_word(post, "body"));
    add_part(drawn, "header", json_string(title.buf));
    add_part(drawn, "section", json_string(body.buf));
    add_action(drawn, json_object_get(post, "manage"));
    add_action(drawn, json_object_get(post, "unsubscribe"));
}

json_t *drawing_of_post(struct call *c, const char *channel, const char *body)
{
    json_t *post;
    if (!strcmp(channel, "webhook") || json_parse(c->s, body, strlen(body), &post) != RC_OK)
        return json_null();
    json_t *drawn = json_pack("{s:[], s:[]}", "parts", "actions");
    if (!strcmp(channel, "slack"))
        draw_slack(post, drawn);
    else if (!strcmp(channel, "teams"))
        draw_teams(c, post, drawn);
    else if (!strcmp(channel, "push"))
        draw_push(post, drawn);
    else
        draw_discord(c, post, drawn);
    return drawn;
}
