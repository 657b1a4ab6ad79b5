#include "api/console/drawing.h"

#include <ctype.h>
#include <string.h>

#include "api/console/console.h"
#include "core/json.h"
#include "messages/channel.h"
#include "messages/provider.h"

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

static void add_plain(struct strbuf *b, const char *text)
{
    for (; *text; text++)
        if (*text == '\n')
            strbuf_addstr(b, "<br>");
        else
            add_escaped(b, *text);
}

static json_t *escaped(const char *text)
{
    STRBUF(b, HTML_MAX);
    add_plain(&b, text);
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

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words;
}

/* A post of a channel with a document: its texts in their order, by the names that services give
 * them, and its links. */
static void draw_document(struct call *c, const struct provider_channel *channel,
    const json_t *post,
    json_t *drawn) // NOLINT
{
    static const char *const heads[] = {"title", "summary", "message", NULL};
    static const char *const texts[] = {"text", "content", "body", "description", "note", NULL};
    const char *key;
    json_t *value;
    size_t i;
    bool small = json_is_true(json_object_get(post, "isSubtle"));
    if (json_is_string(json_object_get(post, "title")) && json_object_get(post, "url")) {
        add_action(drawn, post);
        return;
    }
    json_array_foreach(post, i, value) draw_document(c, channel, value, drawn);
    json_object_foreach((json_t *)post, key, value)
    {
        bool head = is_one_of(key, heads) || !strcmp(json_get_word(post, "size"), "large");
        if (json_is_object(value) || json_is_array(value))
            draw_document(c, channel, value, drawn);
        else if (!json_is_string(value) || (!is_one_of(key, heads) && !is_one_of(key, texts)))
            continue;
        else
            add_part(drawn,
                small  ? "context"
                : head ? "header"
                       : "section",
                head || small || strcmp(channel->markup, "markdown") != 0
                    ? escaped(json_string_value(value))
                    : console_markdown(c, value));
    }
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
    const struct provider *document = channel_document(channel_of(channel));
    json_t *drawn = json_pack("{s:[], s:[]}", "parts", "actions");
    if (!strcmp(channel, "slack"))
        draw_slack(post, drawn);
    else if (document)
        draw_document(c, document->channel, post, drawn);
    else
        draw_push(post, drawn);
    return drawn;
}
