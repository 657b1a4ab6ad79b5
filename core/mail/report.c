#include "core/mail/report.h"

#include <string.h>

#include "core/utf8.h"

enum { GROUPS_MAX = 200 };

const char *report_line(struct scope *s, const char *text, size_t max)
{
    size_t n = 0;
    char *line = scope_alloc(s, max + 1);
    for (size_t i = 0; text[i] && n < max;) {
        size_t len = 1;
        while (len < 4 && text[i + len - 1] && !utf8_is_valid(text + i, len))
            len++;
        bool good = len <= 4 && utf8_is_valid(text + i, len) && (unsigned char)text[i] > ' ' &&
                    text[i] != 0x7f;
        if (good && n + len <= max) {
            memcpy(line + n, text + i, len);
            n += len;
        } else if (n && line[n - 1] != ' ') {
            line[n++] = ' ';
        }
        i += good ? len : 1;
    }
    while (n && line[n - 1] == ' ')
        n--;
    line[n] = '\0';
    return line;
}

/* The end of a line and the start of the next one. */
static const char *line_end(const char *at, const char **ret_next)
{
    const char *end = at + strcspn(at, "\n");
    *ret_next = *end ? end + 1 : end;
    return end > at && end[-1] == '\r' ? end - 1 : end;
}

static void take_field(struct scope *s, const char *from, const char *to, struct report *ret)
{
    const char *colon = memchr(from, ':', (size_t)(to - from));
    if (!colon || ret->n == REPORT_FIELDS)
        return;
    ret->field[ret->n].name =
        report_line(s, scope_strndup(s, from, (size_t)(colon - from)), REPORT_TEXT_MAX);
    ret->field[ret->n++].value =
        report_line(s, scope_strndup(s, colon + 1, (size_t)(to - colon - 1)), REPORT_TEXT_MAX);
}

/* A group ends at an empty line; returns the position after it. */
static const char *read_group(struct scope *s, const char *text, struct report *ret)
{
    ret->n = 0;
    while (*text == '\n' || *text == '\r')
        text++;
    while (*text && *text != '\n' && *text != '\r') {
        const char *next, *end = line_end(text, &next);
        while (*next == ' ' || *next == '\t')
            end = line_end(next, &next);
        take_field(s, text, end, ret);
        text = next;
    }
    return text;
}

void report_read(struct scope *s, const char *text, struct report *ret)
{
    ret->n = 0;
    if (text)
        read_group(s, text, ret);
}

void report_read_failed(struct scope *s, const char *text, struct report *ret)
{
    struct report group;
    bool any = false;
    ret->n = 0;
    for (int i = 0; *text && i < GROUPS_MAX; i++) {
        text = read_group(s, text, &group);
        bool recipient = *report_get(&group, "Final-Recipient") || *report_get(&group, "Action");
        bool failed = !strncasecmp(report_get(&group, "Action"), "failed", 6);
        if (recipient && (!any || failed))
            *ret = group;
        if (failed)
            return;
        any = any || recipient;
    }
}

const char *report_get(const struct report *report, const char *name)
{
    for (size_t i = 0; i < report->n; i++)
        if (!strcasecmp(report->field[i].name, name))
            return report->field[i].value;
    return "";
}
