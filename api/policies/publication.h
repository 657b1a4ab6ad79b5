#pragma once
/* PUT, DELETE /v1/policies/{name}/publication: which policies the page /sla explains. */
#include "api/call/call.h"
#include "core/shape.h"

extern const struct shape publication_shape, published_policy_shape;

enum rc publication_put(struct call *c);
enum rc publication_delete(struct call *c);
