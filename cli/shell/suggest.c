#include "cli/shell/suggest.h"

#include <string.h>

enum { WORD_MAX = 40 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t less = a < b ? a : b;
    return less < c ? less : c;
}

/* Edits between two words of at most WORD_MAX letters; three rows of the table are enough. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            bool same = a[i - 1] == b[j - 1];
            row[j] = least(above[j] + 1, row[j - 1] + 1, above[j - 1] + !same);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_len];
}

void suggest_try(struct suggestion *near, const char *candidate)
{
    size_t len = strlen(near->typed), other = strlen(candidate);
    if (!len || len > WORD_MAX || other > WORD_MAX)
        return;
    bool begins = len > 1 && !strncmp(candidate, near->typed, len);
    size_t cost = begins ? 1 : distance(near->typed, len, candidate, other);
    size_t most = len < 6 ? (len < 3 ? 1 : 2) : len / 3;
    if (cost <= most && cost < len && (!near->best || cost < near->cost)) {
        near->best = candidate;
        near->cost = cost;
    }
}

const char *suggest_text(struct scope *s, const struct suggestion *near, const char *dashes)
{
    return near->best ? scope_printf(s, "; did you mean '%s%s'?", dashes, near->best) : "";
}
