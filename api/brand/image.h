#pragma once
/* Uploaded images of the brand: PNG (ISO/IEC 15948), or SVG that can only draw. */
#include <stddef.h>

#include "core/rc.h"
#include "core/scope.h"

/* "png" or "svg" by the bytes; NULL: neither. */
const char *image_type(const char *bytes, size_t len);

/* RC_INVALID with the reason. PNG: the chunks are whole, at most 4096 pixels a side, and nothing
 * follows. SVG: UTF-8 with elements of an allow-list; no script, event handler, foreign content,
 * DTD, entity, processing instruction, or link to anything outside the file. */
enum rc image_check(struct scope *s, const char *type, const char *bytes, size_t len);
