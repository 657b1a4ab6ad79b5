#include "api/slack/blocks.h"

#include <string.h>

#include "core/clock.h"
#include "core/strbuf.h"
#include "messages/limits.h"
#include "templates/engine/template.h"
#include "templates/label.h"

enum { ESCAPED_MAX = 256 * 1024, CONFIRM_TITLE = 100, CONFIRM_TEXT = 300, CONFIRM_BUTTON = 30 };

const char *blocks_escape(struct scope *s, const char *text)
{
    STRBUF(b, ESCAPED_MAX);
    for (; *text; text++) {
        if (*text == '&')
            strbuf_addstr(&b, "&amp;");
        else if (*text == '<')
            strbuf_addstr(&b, "&lt;");
        else if (*text == '>')
            strbuf_addstr(&b, "&gt;");
        else
            strbuf_addch(&b, *text);
    }
    return strbuf_copy(&b, s);
}

const char *blocks_markdown(struct scope *s, const char *markdown)
{
    char *text;
    SCOPE(inner);
    if (markdown_slack(inner, markdown, &text) != RC_OK)
        return blocks_escape(s, markdown);
    return scope_strdup(s, text);
}

const char *blocks_time(struct scope *s, const char *rfc3339, const char *locale, const char *zone)
{
    int64_t us;
    if (!rfc3339 || !clock_parse(rfc3339, &us))
        return "";
    return scope_printf(s, "<!date^%lld^{date_short_pretty}, {time}|%s>",
        (long long)(us / CLOCK_SECOND), blocks_escape(s, label_time(s, locale, us, zone)));
}

json_t *blocks_plain(struct scope *s, const char *text, size_t chars)
{
    return json_pack("{s:s, s:s, s:b}", "type", "plain_text", "text",
        limits_cut(s, *text ? text : " ", chars), "emoji", 0);
}

static json_t *mrkdwn_of(struct scope *s, const char *mrkdwn)
{
    return json_pack("{s:s, s:s, s:b}", "type", "mrkdwn", "text",
        limits_cut_mrkdwn(s, *mrkdwn ? mrkdwn : " ", BLOCKS_TEXT), "verbatim", 1);
}

json_t *blocks_header(struct scope *s, const char *text)
{
    return json_pack("{s:s, s:o}", "type", "header", "text", blocks_plain(s, text, BLOCKS_HEADER));
}

json_t *blocks_section(struct scope *s, const char *mrkdwn)
{
    return json_pack("{s:s, s:o}", "type", "section", "text", mrkdwn_of(s, mrkdwn));
}

json_t *blocks_context(struct scope *s, const char *mrkdwn)
{
    return json_pack("{s:s, s:[o]}", "type", "context", "elements", mrkdwn_of(s, mrkdwn));
}

json_t *blocks_button(
    struct scope *s, const char *action, const char *text, const char *value, const char *style)
{
    return json_pack("{s:s, s:s, s:o, s:s, s:s*}", "type", "button", "action_id", action, "text",
        blocks_plain(s, text, BLOCKS_LABEL), "value", value, "style", style);
}

void blocks_confirm(struct scope *s, json_t *button, const char *title, const char *text,
    const char *yes, const char *no)
{
    json_object_set_new(button, "confirm",
        json_pack("{s:o, s:o, s:o, s:o}", "title", blocks_plain(s, title, CONFIRM_TITLE), "text",
            blocks_plain(s, text, CONFIRM_TEXT), "confirm", blocks_plain(s, yes, CONFIRM_BUTTON),
            "deny", blocks_plain(s, no, CONFIRM_BUTTON)));
}

json_t *blocks_actions(void)
{
    return json_pack("{s:s, s:[]}", "type", "actions", "elements");
}
