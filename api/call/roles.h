#pragma once
/* The roles of people, and the scopes of each. */
#include "core/scope.h"
#include "core/shape.h"

extern const char *const staff_roles[]; /* NULL-terminated */

/* The scopes of roles, separated and surrounded by spaces, as in struct key. */
const char *staff_scopes(struct scope *s, const struct texts *roles);
