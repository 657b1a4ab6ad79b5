#pragma once
/* The failures of the API as problem documents (RFC 9457), for OpenAPI. */
#include <stddef.h>

#include "core/shape.h"

struct problem_kind {
    int status;
    const char *type;  /* follows urn:amends:problem: */
    const char *title; /* for people */
};

/* The n-th kind; NULL past the last. */
const struct problem_kind *problem_kind_at(size_t n);

extern const struct shape problem_shape;
