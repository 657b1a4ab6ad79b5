#include "messages/limits.h"

#include <stdbool.h>
#include <string.h>

#include "core/strbuf.h"
#include "messages/segments.h"

enum { LITERAL_MAX = 16 * 1024, ENTITY_MAX = 5, LINK_MAX = 4096 };

/* Slack: a header of 150, a section or context text of 3000, one message per second. Push: what a
 * notification shows, which is far less than the bytes that fit (core/push/push_message.h). */
static const struct limits built_in[CHANNEL_DOCUMENTS] = {
    [CHANNEL_EMAIL] = {.title = 250},
    [CHANNEL_SMS] = {.title = 250},
    [CHANNEL_SLACK] = {.title = 147, .body = 2900, .components = 2000, .gap_ms = 1000},
    [CHANNEL_WEBHOOK] = {.title = 250},
    [CHANNEL_PUSH] = {.title = 100, .body = 300, .components = 200},
};

const struct limits *limits_of(enum channel channel)
{
    const struct provider *document = channel_document(channel);
    return document ? document->channel->limits : &built_in[channel];
}

const char *limits_cut(struct scope *s, const char *text, size_t chars)
{
    size_t len = segments_prefix(text, chars);
    return text[len] ? scope_printf(s, "%.*s...", (int)len, text) : text;
}

const char *limits_cut_slack(struct scope *s, const char *text, size_t chars)
{
    size_t used = 0, most = 0;
    for (const char *at = text; *at && used <= chars; at += segments_prefix(at, 1)) {
        used += *at == '&' ? strlen("&amp;") : *at == '<' || *at == '>' ? strlen("&lt;") : 1;
        most += used <= chars;
    }
    return limits_cut(s, text, most);
}

/* The end of the part that begins at text and closes with close, or NULL, also where that is
 * further than a link is long. Parts nest. */
static const char *closing(const char *text, char open, char close)
{
    int depth = 0;
    for (const char *start = text; *text && text < start + LINK_MAX; text++) {
        if (*text == '\\' && text[1])
            text++;
        else if (*text == open)
            depth++;
        else if (*text == close && --depth == 0)
            return text + 1;
    }
    return NULL;
}

/* Octets of the link `[text](url)`, `[text][name]`, `<url>` or `https://...` that begins at text;
 * 0: none begins here. */
static size_t link_len(const char *text)
{
    const char *end = NULL;
    if (*text == '[') {
        const char *target = closing(text, '[', ']');
        if (target && (*target == '(' || *target == '['))
            end = closing(target, *target, *target == '(' ? ')' : ']');
    } else if (*text == '<' && text[strcspn(text, "> \t\n")] == '>') {
        end = text + strcspn(text, ">") + 1;
    } else if (!strncmp(text, "https://", 8) || !strncmp(text, "http://", 7))
        end = text + strcspn(text, " \t\n)>]");
    return end ? (size_t)(end - text) : 0;
}

/* The longest prefix within len octets that does not end inside a link. */
static size_t whole_markdown(const char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t link = link_len(text + at);
        bool escape = text[at] == '\\' && text[at + 1];
        if (link && at + link > len)
            return at && text[at - 1] == '!' ? at - 1 : at; /* "!" makes it an image */
        if (escape && at + 2 > len)
            return at;
        at += link ? link : escape ? 2 : 1;
    }
    return len;
}

const char *limits_cut_markdown(struct scope *s, const char *text, size_t chars)
{
    size_t len = segments_prefix(text, chars);
    if (!text[len])
        return text;
    return scope_printf(s, "%.*s...", (int)whole_markdown(text, len), text);
}

/* The longest prefix within len octets that does not end inside `<...>` or `&...;`. */
static size_t whole_mrkdwn(const char *text, size_t len)
{
    const char *open = memrchr(text, '<', len), *close = memrchr(text, '>', len);
    if (open && (!close || close < open))
        len = (size_t)(open - text);
    const char *entity = memrchr(text, '&', len);
    if (entity && (size_t)(text + len - entity) < ENTITY_MAX &&
        !memchr(entity, ';', (size_t)(text + len - entity)))
        len = (size_t)(entity - text);
    return len;
}

const char *limits_cut_mrkdwn(struct scope *s, const char *text, size_t chars)
{
    size_t len = segments_prefix(text, chars);
    if (!text[len])
        return text;
    return scope_printf(s, "%.*s...", (int)whole_mrkdwn(text, len), text);
}

const char *limits_literal(struct scope *s, const char *text)
{
    STRBUF(b, LITERAL_MAX);
    for (; *text; text++) {
        if (strchr("\\`*_{}[]()<>#+-.!|~:@", *text))
            strbuf_addch(&b, '\\');
        strbuf_addch(&b, *text);
    }
    return strbuf_copy(&b, s);
}
