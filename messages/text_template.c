#include "messages/text_template.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MARK = 0x1f };

#define M(n) [n] = "\x1f" #n "\x1f"
static const char *const markers[PLACEHOLDER_MAX] = {M(0), M(1), M(2), M(3), M(4), M(5), M(6), M(7),
    M(8), M(9), M(10), M(11), M(12), M(13), M(14), M(15), M(16), M(17), M(18), M(19), M(20), M(21),
    M(22), M(23), M(24), M(25), M(26), M(27), M(28), M(29), M(30), M(31), M(32), M(33), M(34),
    M(35), M(36), M(37)};
#undef M

const char *text_template_marker(int placeholder)
{
    if (placeholder < 0 || placeholder >= PLACEHOLDER_MAX)
        abort();
    return markers[placeholder];
}

/* The placeholder and length of the marker at text, which begins with MARK; -1 if it is broken. */
static int marker_at(const char *text, size_t len, size_t *ret_len)
{
    int placeholder = 0;
    size_t i = 1;
    for (; i < len && i < 4 && text[i] >= '0' && text[i] <= '9'; i++)
        placeholder = placeholder * 10 + (text[i] - '0');
    if (i == 1 || i >= len || text[i] != MARK || placeholder >= PLACEHOLDER_MAX)
        return -1;
    *ret_len = i + 1;
    return placeholder;
}

enum rc text_template_cut(struct scope *s, const char *text, size_t len, struct text_template *ret)
{
    size_t marks = 0;
    for (size_t i = 0; i < len; i++)
        marks += text[i] == MARK;
    /* Two marks per placeholder, and one piece behind the last placeholder. */
    struct text_piece *at = SCOPE_ARRAY(s, struct text_piece, marks / 2 + 1);
    const char *copy = scope_memdup(s, text, len);
    size_t n = 0, start = 0;
    for (size_t i = 0; i < len;) {
        if (copy[i] != MARK) {
            i++;
            continue;
        }
        size_t used = 0;
        int placeholder = marker_at(copy + i, len - i, &used);
        if (placeholder < 0)
            return fail(s, RC_INTERNAL, "broken marker at octet %zu of a template's output", i);
        at[n++] =
            (struct text_piece){.text = copy + start, .len = i - start, .placeholder = placeholder};
        i += used;
        start = i;
    }
    at[n++] = (struct text_piece){.text = copy + start, .len = len - start, .placeholder = -1};
    *ret = (struct text_template){.at = at, .n = n};
    return RC_OK;
}

void text_template_fill(const struct text_template *text_template,
    const char *const values[PLACEHOLDER_MAX], void (*put)(struct strbuf *b, const char *value),
    struct strbuf *b)
{
    for (size_t i = 0; i < text_template->n; i++) {
        const struct text_piece *text_piece = &text_template->at[i];
        strbuf_add(b, text_piece->text, text_piece->len);
        const char *value = text_piece->placeholder < 0 ? NULL : values[text_piece->placeholder];
        if (!value)
            continue;
        if (put)
            put(b, value);
        else
            strbuf_addstr(b, value);
    }
}
