#pragma once
/* The tags of a page that our own templates made: attributes are in double quotes and escaped, so a
 * scanner of a few lines reads them. */
#include <stdbool.h>
#include <stddef.h>

#include "core/scope.h"

struct tag {
    const char *at, *end; /* from '<' to past '>' */
    bool closes;          /* </name> */
};

/* The next tag at or after *at, which moves past it; false: none. */
bool tag_next(const char **at, struct tag *ret);

bool tag_is(const struct tag *tag, const char *name);

/* The raw value of an attribute with its length, *ret_at its first byte; false: absent. One without
 * a value has length 0 and *ret_at NULL. */
bool tag_attribute(const struct tag *tag, const char *name, const char **ret_at, size_t *ret_len);

/* The place of an attribute's name, or NULL. */
const char *tag_flag(const struct tag *tag, const char *name);

/* The value, with character references replaced; NULL: absent. */
const char *tag_value(struct scope *s, const struct tag *tag, const char *name);

/* The text between two places of a page, without its tags and outer space. */
const char *tag_text(struct scope *s, const char *from, const char *to);
