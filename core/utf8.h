#pragma once
/* UTF-8 (RFC 3629). */
#include <stdbool.h>
#include <stddef.h>

/* Valid UTF-8 without NUL: no overlong form, no surrogate, nothing beyond U+10FFFF. */
bool utf8_is_valid(const char *text, size_t len);

/* The number of characters, as JSON Schema counts them (maxLength). */
size_t utf8_count(const char *text);

/* Remove from text, in place, every octet that does not belong to a valid character. */
void utf8_drop_invalid(char *text);
