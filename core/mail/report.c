#include "core/mail/report.h"

#include <ctype.h>
#include <stdlib.h>
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

/* Length of class.subject.detail at text, or 0. */
static size_t status_len(const char *text)
{
    if (!strchr("245", *text) || !*text || text[1] != '.')
        return 0;
    size_t subject = strspn(text + 2, "0123456789");
    if (!subject || subject > 3 || text[2 + subject] != '.')
        return 0;
    size_t detail = strspn(text + 3 + subject, "0123456789");
    size_t len = 3 + subject + detail;
    return !detail || detail > 3 || text[len] == '.' ? 0 : len;
}

const char *report_status(struct scope *s, const char *text)
{
    for (const char *at = text; *at; at++) {
        bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '.');
        size_t len = begins ? status_len(at) : 0;
        if (len)
            return scope_strndup(s, at, len);
    }
    return NULL;
}

bool report_is_qmail(const char *text)
{
    text += strspn(text, " \t\r\n");
    return !strncmp(text, "Hi. This is the", 15) || !strncmp(text, "Hi. The MTA program", 19);
}

/* Paragraph by paragraph: the first that begins with "<address>:" or holds a status or
 * "550"-like code; else the first one. */
const char *report_plain(struct scope *s, const char *text)
{
    const char *first = NULL;
    for (int i = 0; *text && i < GROUPS_MAX; i++) {
        text += strspn(text, "\r\n");
        const char *end = text;
        while (*end && strncmp(end, "\n\n", 2) != 0 && strncmp(end, "\n\r\n", 3) != 0)
            end++;
        const char *line =
            report_line(s, scope_strndup(s, text, (size_t)(end - text)), REPORT_TEXT_MAX);
        if (!strncmp(line, "--- ", 4))
            break; /* the copy of the message follows */
        if (*line == '<' || report_status(s, line))
            return line;
        first = first ? first : line;
        text = end;
    }
    return first ? first : "";
}

/* The reply code in a diagnostic, "550" in "smtp; 550 No such user"; 0 without one. */
static int reply_code(const char *text)
{
    for (const char *at = text; *at; at++) {
        bool begins = at == text || strchr(" :;(", at[-1]);
        if (begins && strchr("45", *at) && isdigit((unsigned char)at[1]) &&
            isdigit((unsigned char)at[2]) && !isalnum((unsigned char)at[3]) && at[3] != '.')
            return atoi(at);
    }
    return 0;
}

/* By subject and detail (RFC 3463 3), as notifier/smtp/smtp_outcome.c classifies replies. */
static const char *class_of_status(const char *status)
{
    int subject = atoi(status + 2), detail = atoi(strchr(status + 2, '.') + 1);
    if (*status == '4')
        return "soft"; /* gave up after trying for days */
    if (subject == 1)
        return detail == 7 || detail == 8 ? "message" : "hard"; /* these two: our address */
    if (subject == 2)
        return detail == 3 ? "message" : "soft";
    return subject == 3 || subject == 4 ? "soft" : "message";
}

const char *bounce_class(const char *status, const char *diagnostic)
{
    SCOPE(s);
    /* x.0.0 has no meaning; the reply code of the other side may have one. */
    if (!status || !strcmp(status + 1, ".0.0")) {
        const char *other = diagnostic ? report_status(s, diagnostic) : NULL;
        int code = diagnostic ? reply_code(diagnostic) : 0;
        if (other && strcmp(other + 1, ".0.0") != 0)
            return class_of_status(other);
        return code == 550 || code == 551 || code == 553 ? "hard" : "soft";
    }
    return class_of_status(status);
}
