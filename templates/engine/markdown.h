#pragma once
/*
 * Converts Markdown (CommonMark with the tables of GitHub Flavored Markdown) to our three outputs;
 * private to this folder. cmark-gfm only parses; this folder decides node by node what to print, so
 * nothing is printed by default.
 *
 * Placeholder markers (0x1f DIGITS 0x1f) are replaced by a stand-in that CommonMark treats as a
 * letter, and restored in the output. A stand-in is the index of a marker in the source, so an
 * entity that decodes to a stand-in cannot forge a marker.
 */
#include <cmark-gfm.h>

#include "templates/engine/template.h"

enum {
    MARKDOWN_MAX = 32 * 1024,         /* of the source */
    MARKDOWN_OUTPUT_MAX = 256 * 1024, /* nested quotes grow more than 14 times */
};

struct markdown {
    cmark_node *document; /* owned by the scope */
    const char *const *markers;
    size_t n;
    struct strbuf *out;
};

/* Appends text, escaped for the output. */
typedef void markdown_put(struct strbuf *b, const char *text, size_t len);

/* RC_INVALID, field "body", for a source that is too long or contains NUL. */
enum rc markdown_parse(struct scope *s, const char *source, struct markdown *ret);

/* Append text of the document with its markers restored and without other control characters. */
void markdown_add(const struct markdown *m, const char *text, markdown_put *put);

/* Append the target of a link, percent-encoded as RFC 3986 requires, through put. */
void markdown_add_url(const struct markdown *m, const char *url, markdown_put *put);

/* Whether it is an allowed link: https: or mailto:. */
bool markdown_links(cmark_node *link);

/* Whether the link was written between <> or has its target as text. */
bool markdown_is_autolink(cmark_node *link);

/* Whether the node is a table, a row or a cell; they have no constants. */
enum markdown_part { MARKDOWN_TABLE, MARKDOWN_ROW, MARKDOWN_CELL, MARKDOWN_OTHER };
enum markdown_part markdown_part(cmark_node *node);

/* Whether a row or cell belongs to the head of its table. */
bool markdown_is_head(cmark_node *row);

/* Whether the block is in an item of a list without blank lines. */
bool markdown_is_tight(cmark_node *block);

/* The output, owned by the scope; RC_INVALID, field "body", if it is too large. */
enum rc markdown_finish(struct scope *s, const struct strbuf *out, char **ret);
