#pragma once
/* Whether an SVG can only draw. A scanner that knows less of XML than a browser is safe if it
 * refuses what it does not know: so markup is an allow-list, not a search for bad words. */
#include <stddef.h>

#include "core/rc.h"
#include "core/scope.h"

/* RC_INVALID, naming what is refused. Browsers also get such files with a policy that runs no
 * script and loads nothing. */
enum rc svg_check(struct scope *s, const char *bytes, size_t len);
