#ifndef API_CALL_ETAG_H
#define API_CALL_ETAG_H
/* ETag of what a GET answers, and 304 to who has it already (RFC 9110 13.1.2). */
#include "api/call/call.h"

/* On a complete reply. Leaves alone what is no 200 to GET, not to be stored, or large. */
void etag_apply(struct call *c);

#endif
