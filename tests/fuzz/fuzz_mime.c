#include "messages/mime.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const char fields[] = "Date:From:To:Subject:Message-ID:In-Reply-To:References:List-Id:"
                             "List-Unsubscribe:List-Unsubscribe-Post:Auto-Submitted:Feedback-ID:"
                             "MIME-Version:Content-Type:";

/* Nine texts, NUL between. */
static const char *take(struct scope *s, const uint8_t **at, const uint8_t *end)
{
    size_t left = (size_t)(end - *at);
    const uint8_t *nul = left ? memchr(*at, 0, left) : NULL;
    size_t n = nul ? (size_t)(nul - *at) : left;
    const char *text = scope_strndup(s, (const char *)*at, n);
    *at += n + (nul != NULL);
    return text;
}

/* RFC 5322, 2.2: for any input, the header fields never change; and every line
 * is 7-bit, ends in CRLF, is no longer than it may be and begins with no dot. */
static void check(const struct strbuf *b)
{
    STRBUF(names, 4096);
    bool body = false;
    for (const char *at = b->buf; *at;) {
        const char *end = strstr(at, "\r\n");
        if (!end)
            abort();
        size_t n = (size_t)(end - at);
        body = body || !n;
        if (*at == '.' || n > (body ? 76 : 6000) || memchr(at, '\r', n) || memchr(at, '\n', n))
            abort();
        if (!body && *at != ' ')
            strbuf_add(&names, at, strcspn(at, ":") + 1);
        if (!body && *at == ' ' && n < 2)
            abort();
        at = end + 2;
    }
    if (strcmp(names.buf, fields) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    SCOPE(s);
    const uint8_t *at = bytes, *end = bytes + len;
    struct mime_spec spec = {.from = "Status <status@example.com>",
        .list_id = "l.example",
        .message_domain = "m.example",
        .thread_id = "t@m.example",
        .feedback_id = "f",
        .unsubscribe_base = "https://status.example.com/u/"};
    spec.subject = take(s, &at, end);
    spec.text = take(s, &at, end);
    spec.html = take(s, &at, end);
    const char *values[PLACEHOLDER_MAX] = {NULL};
    for (int placeholder = 0; placeholder < PLACEHOLDER_FIELD + 2; placeholder++)
        values[placeholder] = take(s, &at, end);
    if (at < end)
        spec.from = take(s, &at, end);
    struct mime_message *message;
    STRBUF(b, 1 << 24);
    if (mime_compile(s, &spec, &message) == RC_OK && mime_fill(s, message, values, &b) == RC_OK)
        check(&b);
    return 0;
}
