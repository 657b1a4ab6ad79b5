#include "notifier/smtp/reply.h"

#include <stdbool.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 1 to 3 digits, as a part of an enhanced status code; the number of digits, 0 for none. */
static size_t read_number(const char *text, size_t len, int *ret)
{
    size_t n = 0;
    int value = 0;
    while (n < len && n < 3 && is_digit(text[n]))
        value = value * 10 + (text[n++] - '0');
    *ret = value;
    return n;
}

/* RFC 2034 4: class "." subject "." detail, then a space or the end; the class is the code's. */
static void read_enhanced(const char *text, size_t len, int code, int ret[3])
{
    int part[3] = {0};
    size_t at = 0;
    for (int i = 0; i < 3; i++) {
        size_t n = read_number(text + at, len - at, &part[i]);
        if (!n)
            return;
        at += n;
        if (i < 2 && (at >= len || text[at++] != '.'))
            return;
    }
    if ((at < len && text[at] != ' ') || part[0] != code / 100)
        return;
    memcpy(ret, part, sizeof part);
}

/* One line without its end: "250-text", "250 text" or "250". */
static bool read_line(const char *line, size_t len, int *ret_code, bool *ret_last)
{
    if (len < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2]))
        return false;
    if (len > 3 && line[3] != ' ' && line[3] != '-')
        return false;
    *ret_code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    *ret_last = len == 3 || line[3] == ' ';
    return true;
}

enum reply_state reply_read(const char *bytes, size_t len, struct reply *ret, size_t *ret_used)
{
    struct reply reply = {0};
    for (size_t at = 0; at < REPLY_MAX;) {
        const char *line = bytes + at;
        const char *end = at < len ? memchr(line, '\n', len - at) : NULL;
        if (!end)
            return len - at > REPLY_LINE_MAX ? REPLY_BROKEN : REPLY_PART;
        size_t n = (size_t)(end - line);
        at += n + 1;
        if (n && line[n - 1] == '\r')
            n--;
        bool last = false;
        /* Codes that differ within a reply are wrong; like Postfix, the last one counts. */
        if (n > REPLY_LINE_MAX || !read_line(line, n, &reply.code, &last))
            return REPLY_BROKEN;
        size_t skip = n > 3 ? 4 : 3;
        if (!reply.text) {
            reply.text = line + skip;
            reply.text_len = n - skip;
        }
        if (!reply.enhanced[0])
            read_enhanced(line + skip, n - skip, reply.code, reply.enhanced);
        if (!last)
            continue;
        if (reply.enhanced[0] != reply.code / 100)
            memset(reply.enhanced, 0, sizeof reply.enhanced);
        reply.all_len = (size_t)(line + n - reply.text);
        *ret = reply;
        *ret_used = at;
        return REPLY_WHOLE;
    }
    return REPLY_BROKEN;
}
