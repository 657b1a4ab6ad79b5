#include "messages/limits.h"

#include <string.h>

#include "core/strbuf.h"
#include "messages/segments.h"

enum { LITERAL_MAX = 16 * 1024, ENTITY_MAX = 5 };

/* Discord: 2000 characters of content, 4096 of an embed, 5 messages in 2 s. Teams: 28 KB per card,
 * with up to four octets per character; 4 messages per second. Slack: a header of 150, a section or
 * context text of 3000, one message per second. */
const struct limits limits[CHANNEL_COUNT] = {
    [CHANNEL_EMAIL] = {.title = 250},
    [CHANNEL_SMS] = {.title = 250},
    [CHANNEL_SLACK] = {.title = 147, .body = 2900, .components = 2000, .gap = 1000000},
    [CHANNEL_TEAMS] = {.title = 250, .body = 3500, .components = 1500, .gap = 500000},
    [CHANNEL_DISCORD] = {.title = 200, .body = 1100, .components = 1800, .gap = 500000},
    [CHANNEL_WEBHOOK] = {.title = 250},
};

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
