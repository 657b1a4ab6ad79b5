#ifndef CORE_JSON_H
#define CORE_JSON_H
/* JSON documents through jansson, with the scope as owner. */
#include <jansson.h>
#include <stddef.h>

#include "core/scope.h"

/* Parse exactly one document (RFC 8259): duplicate keys, trailing bytes, NULs in
 * strings and bad UTF-8 are RC_INVALID, naming line and column. The scope owns *ret. */
enum rc json_parse(struct scope *s, const char *text, size_t len, json_t **ret);

/* Give a json_t to the scope; returns it. Aborts on NULL (out of memory). */
json_t *json_own(struct scope *s, json_t *json);

/* Compact text, keys in insertion order, owned by the scope. */
char *json_text(struct scope *s, const json_t *json);

#endif
