#pragma once
/* Sets the ETag of a GET, and replies 304 to clients that have it (RFC 9110 13.1.2). */
#include "api/call/call.h"

/* Call on a complete reply. Ignores replies that are not 200 to GET, not storable, or large. */
void etag_apply(struct call *c);
