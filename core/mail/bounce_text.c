#include "core/mail/bounce_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail/refusal.h"
#include "core/mail/report.h"
#include "core/mail/words.h"
#include "core/strbuf.h"

enum { PARAGRAPHS_MAX = 200, HTML_MAX = 256 * 1024, NOTICE_MAX = 4096 };

/* How servers begin, a family a line; tests/fixtures/inbound has each. */
static const char notices[] =
    "hi this is the .. program|hi the mta program|"                            /* qmail */
    "created automatically by mail delivery software|"                         /* Exim, Zoho */
    "this is the mail system at|this is the postfix program|"                  /* Postfix */
    "had permanent fatal errors|had transient non fatal errors|"               /* sendmail */
    "transcript of session follows|had delivery errors|"                       /* sendmail */
    "this is the mailer daemon|"                                               /* OpenSMTPD */
    "delivery has failed to these recipients|couldnt be delivered|"            /* Office 365 */
    "diagnostic information for administrators|"                               /* Exchange */
    "did not reach the following recipient*|did not reach some or all|"        /* Exchange */
    "error occurred while trying to deliver|technical report|"                 /* WorkMail, SES */
    "unable to deliver your message|not able to deliver your message|"         /* Yahoo */
    "wasnt delivered to|wasnt able to deliver|unable to deliver|"              /* Gmail */
    "could not be delivered|cannot be delivered|was not delivered|"            /* and others */
    "was undeliverable|is undeliverable|delivery to the following|"            /* and others */
    "delivery failed|failed to deliver|following recipient* failed|"           /* and others */
    "following address* failed|delivery failure|was returned to you|"          /* and others */
    "konnte nicht zugestellt werden|na pas pu etre remis|no se pudo entregar"; /* and others */

static const char subjects[] =
    "undeliver*|non deliver*|nondeliver*|delivery fail*|delivery .. failed|delivery status|"
    "delivery notification|delivery problem|returned mail|returned to sender|returning message|"
    "failure notice|failed mail|mail failure|could not be delivered|couldnt be delivered|"
    "mail system error|mail delivery|message not delivered|unzustellbar|non remis*|"
    "no se puede entregar|mancato recapito|address .. rejected|user unknown|permanent error|"
    "permanent fail*|bounce";

static const char delays[] =
    "delayed|delivery delay*|will be retried|will continue to be retried|will keep trying|"
    "still being retried|still trying|still attempting|not yet been delivered|"
    "has not been delivered .. yet|hasnt been delivered|could not send message for past|"
    "warning message still|do not need to resend|dont need to resend|no action is required|"
    "temporary problem delivering|temporarily deferred|delivery incomplete|trying to deliver .. "
    "for";

/* What a server says when it stops after such attempts. */
static const char ended[] =
    "giving up|gave up|given up|has been removed|could not be delivered for|permanent*";

/* The copy of the message, or its headers, follow. */
static const char copies[] =
    "below this line|this is a copy|copy of the message|original message|original headers|"
    "header* of .. message|message header*|headers of the|unsent message|returned message|"
    "message headers|start of message|your message follows|message follows|"
    "text of your message";

bool bounce_text_is_notice(struct scope *s, const char *subject, const char *body)
{
    return words_have(words_of(s, scope_strndup(s, body, strnlen(body, NOTICE_MAX))), notices) ||
           words_have(words_of(s, subject), subjects);
}

static bool is_blank(const char *line)
{
    line += strspn(line, " \t\r");
    return *line == '\n' || !*line;
}

static const char *next_line(const char *at)
{
    at += strcspn(at, "\n");
    return *at ? at + 1 : at;
}

/* "Name:" at the start of a line. */
static bool is_field(const char *line)
{
    size_t len = strspn(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");
    return len && line[len] == ':';
}

const char *bounce_text_field(struct scope *s, const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = text; *line; line = next_line(line)) {
        const char *at = line + strspn(line, " \t");
        if (strncasecmp(at, name, len) != 0)
            continue;
        at += len + strspn(at + len, " \t");
        if (*at++ != ':')
            continue;
        const char *end = next_line(at);
        while (
            (*end == ' ' || *end == '\t') && !is_blank(end) && !is_field(end + strspn(end, " \t")))
            end = next_line(end);
        return report_line(s, scope_strndup(s, at, (size_t)(end - at)), REPORT_TEXT_MAX);
    }
    return NULL;
}

/* Does the copy begin with this paragraph? */
static bool is_copy(struct scope *s, const char *paragraph, const char *line)
{
    static const char *const headers[] = {"Return-Path:", "Received:", "DKIM-Signature:", NULL};
    for (const char *const *name = headers; *name; name++)
        if (!strncasecmp(line, *name, strlen(*name)))
            return true;
    const char *first = scope_strndup(s, paragraph, (size_t)(next_line(paragraph) - paragraph));
    const char *at = first + strspn(first, " \t");
    bool ruled = !strncmp(at, "--", 2) || !strncmp(at, "==", 2) || !strncmp(at, "__", 2);
    return (ruled || is_blank(strpbrk(at, ":\n") ? strpbrk(at, ":\n") + 1 : "")) &&
           words_have(words_of(s, first), copies);
}

/* How likely the paragraph gives the reason. */
static int weight(struct scope *s, const char *line)
{
    bool coded = refusal_status(s, line) || refusal_code(line);
    bool known = refusal_read(&(struct refusal){.text = line}) != REFUSAL_UNKNOWN;
    return coded ? 2 + known : known || *line == '<';
}

static const char *find_reason(struct scope *s, const char *text)
{
    const char *best = NULL;
    int most = -1;
    for (int i = 0; *text && i < PARAGRAPHS_MAX; i++) {
        while (*text && is_blank(text))
            text = next_line(text);
        const char *end = text;
        while (*end && !is_blank(end))
            end = next_line(end);
        const char *line =
            report_line(s, scope_strndup(s, text, (size_t)(end - text)), REPORT_TEXT_MAX);
        if (is_copy(s, text, line))
            break;
        int w = *text == '>' ? -1 : weight(s, line);
        if (w > most) {
            most = w;
            best = line;
        }
        text = end;
    }
    return best;
}

void bounce_text_read(struct scope *s, const char *body, struct bounce_text *ret)
{
    const char *type = bounce_text_field(s, body, "Diagnostic-Code");
    const char *status = bounce_text_field(s, body, "Status");
    const char *action = bounce_text_field(s, body, "Action");
    const char *recipient = bounce_text_field(s, body, "Final-Recipient");
    const char *words = words_of(s, scope_strndup(s, body, strnlen(body, NOTICE_MAX)));
    *ret = (struct bounce_text){
        .status = recipient && status ? refusal_status(s, status) : NULL,
        .diagnostic = recipient && type && *type ? type : find_reason(s, body),
        .recipient = recipient,
        .delayed = action && recipient ? strncasecmp(action, "failed", 6) != 0
                                       : words_have(words, delays) && !words_have(words, ended),
    };
}

static bool breaks_line(const char *tag)
{
    static const char *const names[] = {"br", "p", "/p", "div", "/div", "tr", "/tr", "li", NULL};
    for (const char *const *name = names; *name; name++) {
        size_t len = strlen(*name);
        if (!strncasecmp(tag, *name, len) && !isalnum((unsigned char)tag[len]))
            return true;
    }
    return false;
}

static size_t add_entity(struct strbuf *b, const char *at)
{
    static const struct {
        const char *name, *text;
    } entities[] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}, {"&#39;", "'"},
        {"&nbsp;", " "}};
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (!strncasecmp(at, entities[i].name, strlen(entities[i].name))) {
            strbuf_addstr(b, entities[i].text);
            return strlen(entities[i].name);
        }
    strbuf_addch(b, '&');
    return 1;
}

const char *bounce_text_of_html(struct scope *s, const char *html)
{
    STRBUF(b, HTML_MAX);
    while (*html && !b.overflow) {
        if (*html == '&') {
            html += add_entity(&b, html);
        } else if (*html == '<') {
            if (breaks_line(html + 1))
                strbuf_addstr(&b, html[1] == 'p' || html[1] == 'P' ? "\n\n" : "\n");
            bool style = !strncasecmp(html, "<style", 6) || !strncasecmp(html, "<script", 7);
            const char *end = style ? strstr(html, "</") : NULL;
            html = end ? end : html;
            html += strcspn(html, ">");
            html += *html == '>';
        } else {
            strbuf_addch(&b, *html++);
        }
    }
    return strbuf_copy(&b, s);
}
