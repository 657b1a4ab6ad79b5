#pragma once
/* The parts of the document, each appended as JSON. */
#include <stdbool.h>

#include "api/call/route.h"
#include "core/strbuf.h"

/* "name":"text" */
void openapi_member(struct strbuf *b, const char *name, const char *text);

/* The operation of a route. */
void openapi_operation(struct strbuf *b, const struct route *route);

/* Does the row make a problem of this status possible? Anything else is the default response. */
bool openapi_may_fail(const struct route *route, int status);

/* "responses":{...}, and those of components, which they refer to. */
void openapi_responses(struct strbuf *b, const struct route *route);
void openapi_shared_responses(struct strbuf *b);

/* "schemas":{...}: the shapes of all bodies and replies, and the pages of lists. */
void openapi_schemas(struct strbuf *b, bool pages);

/* "text/csv, application/x-ndjson": call with *at = the list until false. */
bool openapi_media(const char **at, const char **ret, size_t *ret_len);
