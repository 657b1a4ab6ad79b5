#pragma once
/* Splits Mustache source into text and tags, with the whitespace rules of standalone tags (core
 * specification). Private to this folder. */
#include "templates/engine/node.h"

struct slice {
    const char *at;
    size_t len;
};

struct scanner {
    struct scope *s;
    const char *name; /* of the template, for messages */
    const char *text;
    size_t len, pos;
    struct slice open, close; /* delimiters */
};

struct tag {
    char sigil; /* # ^ / ! > & @ { = or 0 for a variable */
    bool standalone;
    size_t start;
    struct slice body;   /* name after the sigil */
    struct slice indent; /* white space before a standalone tag, which belongs to it */
};

/* Find the next tag; the text before it is from the old pos to tag.start - tag.indent.len.
 * ret_found stays false if only text is left. */
enum rc scan_tag(struct scanner *scan, struct tag *ret, bool *ret_found);

/* Change the delimiters as a "=" tag requests. */
enum rc scan_delimiters(struct scanner *scan, const struct tag *tag);

/* White space as C's isspace in the "C" locale. */
bool scan_is_space(char c);
struct slice scan_trimmed(struct slice text);

#define scan_fail(scan, offset, ...) \
    __extension__({ \
        const struct scanner *scanned_ = (scan); \
        template_fail(scanned_->s, scanned_->name, scanned_->text, (offset), __VA_ARGS__); \
    })
