#ifndef API_CALL_CURSOR_H
#define API_CALL_CURSOR_H
/* Opaque, authenticated places in a list: nobody can build one or use it on another list. */
#include <stdint.h>

#include "core/scope.h"
#include "core/sign.h"

/* list: a word of at most 20 characters; after: the last id that was seen. */
char *cursor_make(struct scope *s, const struct sign *keys, const char *list, int64_t after);

/* NULL or empty cursor: start (0). Not ours: RC_INVALID on the field "cursor". */
enum rc cursor_open(struct scope *s, const struct sign *keys, const char *list, const char *cursor,
    int64_t *ret_after);

#endif
