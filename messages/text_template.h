#pragma once
/*
 * A text compiled once per broadcast x locale x channel: fixed text with placeholders for values
 * that differ per recipient. A template renders a placeholder as the marker 0x1f NUMBER 0x1f
 * (text_template_marker); no outside text may contain 0x1f, which shapes refuse and Markdown
 * rendering drops.
 */
#include <stddef.h>

#include "core/scope.h"
#include "core/strbuf.h"

enum placeholder {
    PLACEHOLDER_TOKEN,      /* unsubscribe token of the recipient */
    PLACEHOLDER_ADDRESS,    /* the recipient's address in header form */
    PLACEHOLDER_MESSAGE_ID, /* left side of the Message-ID: unique, the same on every retry */
    PLACEHOLDER_CODE,       /* six-digit confirmation code, an alternative to PLACEHOLDER_TOKEN */
    PLACEHOLDER_FIELD, /* PLACEHOLDER_FIELD + n: merge field n of the broadcast, any UTF-8 text */
    PLACEHOLDER_CLAIM = PLACEHOLDER_FIELD + 32, /* claim token of the recipient's account */
    PLACEHOLDER_ACCOUNT,                        /* token of the page of the recipient's account */
    PLACEHOLDER_MAX
};

struct text_piece {
    const char *text; /* fixed text before the placeholder, may be empty */
    size_t len;
    int placeholder; /* enum placeholder, or -1 at the end */
};

struct text_template {
    const struct text_piece *at;
    size_t n;
};

/* "\x1f3\x1f", static storage, 0 <= placeholder < PLACEHOLDER_MAX. */
const char *text_template_marker(int placeholder);

/* Split text at its markers, copying it into s. RC_INTERNAL on a broken marker. */
enum rc text_template_cut(struct scope *s, const char *text, size_t len, struct text_template *ret);

/* Append the text with its placeholders replaced by values[placeholder], through put (NULL:
 * strbuf_addstr). A placeholder without a value is empty. */
void text_template_fill(const struct text_template *text_template,
    const char *const values[PLACEHOLDER_MAX], void (*put)(struct strbuf *b, const char *value),
    struct strbuf *b);
