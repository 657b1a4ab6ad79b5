/* No output of any Markdown contains unauthorised elements: a raw tag, a link with another scheme,
 * a Slack mention, a placeholder marker. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "templates/engine/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_html(const char *html)
{
    static const char *const never[] = {"<script", "<img", "<!--", "<div", "<iframe"};
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (strcasestr(html, never[i]))
            abort();
    for (const char *p = html; (p = strstr(p, "href=\"")); p++)
        if (strncasecmp(p + 6, "https://", 8) != 0 && strncasecmp(p + 6, "mailto:", 7) != 0)
            abort();
}

static void check_slack(const char *slack)
{
    for (const char *p = slack; (p = strchr(p, '<')); p++)
        if (strncasecmp(p + 1, "https://", 8) != 0 && strncasecmp(p + 1, "mailto:", 7) != 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    SCOPE(s);
    const char *source = scope_strndup(s, (const char *)bytes, size);
    char *html, *text, *slack;
    if (markdown_html(s, source, &html) == RC_OK) {
        check_html(html);
        if (!strchr(source, 0x1f) && strchr(html, 0x1f))
            abort();
    }
    if (markdown_text(s, source, &text) == RC_OK && !strchr(source, 0x1f) && strchr(text, 0x1f))
        abort();
    if (markdown_slack(s, source, &slack) == RC_OK)
        check_slack(slack);
    return 0;
}
