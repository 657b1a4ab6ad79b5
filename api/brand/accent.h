#pragma once
/* The accent colour of the pages: buttons, links, focus. Light text stands on it in light pages,
 * dark text in dark ones. */
#include "core/rc.h"
#include "core/scope.h"
#include "core/strbuf.h"

/* RC_INVALID, with the field and the ratio: not a colour, or its contrast with the page's ground is
 * below 4.5:1 (WCAG 2.2, 1.4.3). Its contrast with the text on it is higher than that. NULL is
 * fine; field: "accent" or "accent_dark". */
enum rc accent_check(struct scope *s, const char *field, const char *text, bool dark);

/* Append the style sheet that sets the tokens of api/static/page.css. dark NULL: light, lightened
 * until it is legible. Empty if light is NULL. */
void accent_css(struct strbuf *out, const char *light, const char *dark);
