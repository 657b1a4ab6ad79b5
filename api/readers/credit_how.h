#pragma once
/* The page "How your credit is computed": a policy for customers. */
#include "core/scope.h"
#include "core/sign.h"

/* Its path, signed, so that only policies to which there is a link can be read; it never expires.
 * currency: of the example; empty: that of most accounts. Owned by s. */
const char *credit_how_path(
    struct scope *s, const struct sign *keys, int64_t policy, const char *currency);
