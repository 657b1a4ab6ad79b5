#pragma once
#include "core/scope.h"

/* The locale to try after this one: de-AT, de, en, then NULL. Owned by s or static. */
const char *locale_wider(struct scope *s, const char *locale);
