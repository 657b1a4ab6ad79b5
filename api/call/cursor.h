#pragma once
/* Opaque, authenticated positions in a list: clients cannot forge one or use it on another list. */
#include <stdint.h>

#include "core/scope.h"
#include "core/sign.h"

/* list: a word of at most 20 characters; after: the last id of the page. */
char *cursor_make(struct scope *s, const struct sign *keys, const char *list, int64_t after);

/* NULL or empty cursor: the start (0). RC_INVALID on the field "cursor" if it is not ours. */
enum rc cursor_open(struct scope *s, const struct sign *keys, const char *list, const char *cursor,
    int64_t *ret_after);
