#pragma once
/* Language tags (BCP 47) and time zones in requests. */
#include "core/scope.h"

/* RC_INVALID on "locale" or "timezone"; NULL is fine. */
enum rc locale_check(struct scope *s, const char *locale, const char *zone);
