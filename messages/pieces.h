#ifndef MESSAGES_PIECES_H
#define MESSAGES_PIECES_H
/*
 * A text compiled once per broadcast x locale x channel: fixed pieces with holes
 * for what differs per recipient. A template renders a hole as the marker
 * 0x1f NUMBER 0x1f (pieces_marker); no outside text may contain 0x1f, which
 * shapes refuse and Markdown rendering drops.
 */
#include <stddef.h>

#include "core/scope.h"
#include "core/strbuf.h"

enum hole {
    HOLE_TOKEN,      /* unsubscribe token of the recipient */
    HOLE_ADDRESS,    /* the recipient's address, as for a header */
    HOLE_MESSAGE_ID, /* left side of the Message-ID: unique, the same on every retry */
    HOLE_CODE,       /* six digits that confirm, as HOLE_TOKEN does */
    HOLE_FIELD,      /* HOLE_FIELD + n: merge field n of the broadcast, any UTF-8 text */
    HOLE_MAX = HOLE_FIELD + 32
};

struct piece {
    const char *text; /* fixed text in front of the hole, may be empty */
    size_t len;
    int hole; /* enum hole, or -1 at the end */
};

struct pieces {
    const struct piece *at;
    size_t n;
};

/* "\x1f3\x1f", static storage, 0 <= hole < HOLE_MAX. */
const char *pieces_marker(int hole);

/* Cut text at its markers. RC_INTERNAL on a broken marker. Text is copied into s. */
enum rc pieces_cut(struct scope *s, const char *text, size_t len, struct pieces *ret);

/* Append the text with values[hole] put in, through put (NULL: strbuf_addstr). A
 * hole without value is empty. */
void pieces_fill(const struct pieces *pieces, const char *const values[HOLE_MAX],
    void (*put)(struct strbuf *b, const char *value), struct strbuf *b);

#endif
