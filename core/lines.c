#include "core/lines.h"

#include <string.h>

void lines_open(struct lines *lines, FILE *in)
{
    *lines = (struct lines){.in = in, .text = STRBUF_INIT(LINES_MAX)};
}

void lines_close(struct lines *lines)
{
    strbuf_release(&lines->text);
}

enum rc lines_next(struct scope *s, struct lines *lines)
{
    int c;
    do {
        strbuf_clear(&lines->text);
        lines->line++;
        while ((c = getc_unlocked(lines->in)) != EOF && c != '\n')
            strbuf_addch(&lines->text, (char)c);
        if (lines->text.overflow)
            return fail(s, RC_INVALID, "a line is longer than %d bytes", LINES_MAX);
        if (strspn(lines->text.buf, " \t\r") < lines->text.len)
            return RC_OK;
    } while (c != EOF);
    return RC_NOT_FOUND;
}
