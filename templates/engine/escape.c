#include "templates/engine/node.h"

#include <string.h>

enum { MARKER = 0x1f };

size_t marker_length(const char *text, size_t len)
{
    if (!len || text[0] != MARKER)
        return 0;
    size_t i = 1;
    while (i < len && text[i] >= '0' && text[i] <= '9')
        i++;
    return i > 1 && i < len && text[i] == MARKER ? i + 1 : 0;
}

#define HTML_ENTITIES \
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"
static const char *const html_entities[128] = {HTML_ENTITIES};
static const char *const mail_entities[128] = {HTML_ENTITIES, ['\n'] = "<br>\n"};
static const char *const slack_entities[128] = {['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;"};

static void add_entities(
    struct strbuf *b, const char *const entities[128], const char *text, size_t len)
{
    size_t start = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 128 || !entities[c])
            continue;
        strbuf_add(b, text + start, i - start);
        strbuf_addstr(b, entities[c]);
        start = i + 1;
    }
    strbuf_add(b, text + start, len - start);
}

static void add_json(struct strbuf *b, const char *text, size_t len)
{
    size_t start = 0;
    for (size_t i = 0; i < len;) {
        size_t marker = marker_length(text + i, len - i);
        if (marker) {
            strbuf_addjson(b, text + start, i - start);
            strbuf_add(b, text + i, marker);
            start = i + marker;
        }
        i += marker ? marker : 1;
    }
    strbuf_addjson(b, text + start, len - start);
}

static void add_slack_json(struct strbuf *b, const char *text, size_t len)
{
    STRBUF(slack, b->max);
    add_entities(&slack, slack_entities, text, len);
    if (slack.overflow)
        b->overflow = true;
    else
        add_json(b, slack.buf, slack.len);
}

static bool add_header(struct strbuf *b, const char *text, size_t len)
{
    if (memchr(text, '\r', len) || memchr(text, '\n', len) || memchr(text, '\0', len))
        return false;
    strbuf_add(b, text, len);
    return true;
}

bool escape_add(struct strbuf *b, enum escape escape, bool raw, const char *text, size_t len)
{
    if (escape == ESCAPE_HEADER)
        return add_header(b, text, len);
    if (raw)
        escape = escape == ESCAPE_SLACK_JSON ? ESCAPE_JSON : ESCAPE_TEXT;
    switch (escape) {
    case ESCAPE_HTML:
        add_entities(b, html_entities, text, len);
        break;
    case ESCAPE_MAIL:
        add_entities(b, mail_entities, text, len);
        break;
    case ESCAPE_SLACK:
        add_entities(b, slack_entities, text, len);
        break;
    case ESCAPE_JSON:
        add_json(b, text, len);
        break;
    case ESCAPE_SLACK_JSON:
        add_slack_json(b, text, len);
        break;
    case ESCAPE_TEXT:
    case ESCAPE_HEADER:
        strbuf_add(b, text, len);
        break;
    }
    return true;
}
