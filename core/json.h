#pragma once
/* JSON documents through jansson, with the scope as owner. */
#include <jansson.h>
#include <stddef.h>

#include "core/scope.h"

/* Parse exactly one document (RFC 8259): duplicate keys, trailing bytes, NULs in
 * strings and bad UTF-8 are RC_INVALID, naming line and column. The scope owns *ret. */
enum rc json_parse(struct scope *s, const char *text, size_t len, json_t **ret);

/* Give a json_t to the scope; returns it. Aborts on NULL (out of memory). */
json_t *json_own(struct scope *s, json_t *json);

/* A member of an object: NULL where it is no string, 0 where it is no integer. */
const char *json_get_text(const json_t *object, const char *name);
const char *json_get_word(const json_t *object, const char *name); /* "" instead of NULL */
long long json_get_int(const json_t *object, const char *name);

/* The value at a JSON pointer (RFC 6901), "" being json itself; NULL: there is none. */
const json_t *json_at(struct scope *s, const json_t *json, const char *pointer);

/* Compact text, keys in insertion order, owned by the scope. */
char *json_text(struct scope *s, const json_t *json);
