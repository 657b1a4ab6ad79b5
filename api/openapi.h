#ifndef API_OPENAPI_H
#define API_OPENAPI_H
/* OpenAPI 3.1 of the route table. */
#include "core/strbuf.h"

void openapi_print(struct strbuf *b, const char *server_url);

#endif
