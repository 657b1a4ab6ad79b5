#pragma once
/* OpenAPI 3.1 of the route table. */
#include "core/strbuf.h"

void openapi_print(struct strbuf *b, const char *server_url);
