#ifndef MESSAGES_TEXT_TEMPLATE_H
#define MESSAGES_TEXT_TEMPLATE_H
/*
 * A text compiled once per broadcast x locale x channel: fixed text with placeholders
 * for what differs per recipient. A template renders a placeholder as the marker
 * 0x1f NUMBER 0x1f (text_template_marker); no outside text may contain 0x1f, which
 * shapes refuse and Markdown rendering drops.
 */
#include <stddef.h>

#include "core/scope.h"
#include "core/strbuf.h"

enum placeholder {
    PLACEHOLDER_TOKEN,      /* unsubscribe token of the recipient */
    PLACEHOLDER_ADDRESS,    /* the recipient's address, as for a header */
    PLACEHOLDER_MESSAGE_ID, /* left side of the Message-ID: unique, the same on every retry */
    PLACEHOLDER_CODE,       /* six digits that confirm, as PLACEHOLDER_TOKEN does */
    PLACEHOLDER_FIELD, /* PLACEHOLDER_FIELD + n: merge field n of the broadcast, any UTF-8 text */
    PLACEHOLDER_MAX = PLACEHOLDER_FIELD + 32
};

struct text_piece {
    const char *text; /* fixed text in front of the placeholder, may be empty */
    size_t len;
    int placeholder; /* enum placeholder, or -1 at the end */
};

struct text_template {
    const struct text_piece *at;
    size_t n;
};

/* "\x1f3\x1f", static storage, 0 <= placeholder < PLACEHOLDER_MAX. */
const char *text_template_marker(int placeholder);

/* Cut text at its markers. RC_INTERNAL on a broken marker. Text is copied into s. */
enum rc text_template_cut(struct scope *s, const char *text, size_t len, struct text_template *ret);

/* Append the text with values[placeholder] put in, through put (NULL: strbuf_addstr). A
 * placeholder without value is empty. */
void text_template_fill(const struct text_template *text_template,
    const char *const values[PLACEHOLDER_MAX], void (*put)(struct strbuf *b, const char *value),
    struct strbuf *b);

#endif
