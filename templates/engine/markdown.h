#ifndef TEMPLATES_ENGINE_MARKDOWN_H
#define TEMPLATES_ENGINE_MARKDOWN_H
/*
 * Markdown to our three outputs, private to this folder. cmark only parses; what
 * is printed is decided here, node by node, so nothing gets through by default.
 *
 * Hole markers (0x1f DIGITS 0x1f) are replaced by a stand-in that CommonMark takes
 * for a letter, and put back while printing. A stand-in names a marker that was in
 * the source, so an entity that decodes to one cannot forge another.
 */
#include <cmark.h>

#include "templates/engine/template.h"

enum {
    MARKDOWN_MAX = 32 * 1024,         /* of the source */
    MARKDOWN_OUTPUT_MAX = 256 * 1024, /* nested quotes grow 14 times and more */
};

struct markdown {
    cmark_node *document; /* owned by the scope */
    const char *const *markers;
    size_t n;
    struct strbuf *out;
};

/* Appends a stretch of text as its output escapes it. */
typedef void markdown_put(struct strbuf *b, const char *text, size_t len);

/* Too long or with NUL: RC_INVALID, field "body". */
enum rc markdown_parse(struct scope *s, const char *source, struct markdown *ret);

/* Append text of the document, markers put back, other control characters left out. */
void markdown_add(const struct markdown *m, const char *text, markdown_put *put);

/* Append the target of a link, percent-encoded where RFC 3986 wants it, then through put. */
void markdown_add_url(const struct markdown *m, const char *url, markdown_put *put);

/* Is it a link that a reader may follow: https: or mailto:? */
bool markdown_links(cmark_node *link);

/* What was written between <> or has its target for its text. */
bool markdown_is_autolink(cmark_node *link);

/* Does the block stand in an item of a list without blank lines? */
bool markdown_is_tight(cmark_node *block);

/* The output as text of the scope; too large is RC_INVALID, field "body". */
enum rc markdown_finish(struct scope *s, const struct strbuf *out, char **ret);

#endif
