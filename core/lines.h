#pragma once
/* A text line by line (NDJSON): the memory of its longest line. */
#include <stdint.h>
#include <stdio.h>

#include "core/scope.h"
#include "core/strbuf.h"

enum { LINES_MAX = 1024 * 1024 };

struct lines {
    FILE *in;     /* borrowed */
    int64_t line; /* number of the last line read, from 1 */
    struct strbuf text;
};

void lines_open(struct lines *lines, FILE *in);
void lines_close(struct lines *lines); /* frees; in stays open */

/* Read the next non-blank line, without its line end, into lines->text, where it stays until the
 * next call. RC_NOT_FOUND at the end of the text; RC_INVALID for a line of more than LINES_MAX
 * octets, which is skipped. */
enum rc lines_next(struct scope *s, struct lines *lines);
