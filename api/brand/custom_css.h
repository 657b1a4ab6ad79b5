#pragma once
/* The company's own rules for the public pages, which follow ours in /brand.css. */
#include "core/rc.h"
#include "core/scope.h"

/* Octets. */
enum { CUSTOM_CSS_MAX = 32 * 1024 };

/* RC_INVALID, field custom_css, with line and reason, for what could load something from elsewhere:
 * only functions and at-rules of a list are allowed, and no escapes, by which others could be
 * written (CSS Syntax Level 3). Also for brackets, strings and comments that stay open. NULL is
 * fine. */
enum rc custom_css_check(struct scope *s, const char *css);
