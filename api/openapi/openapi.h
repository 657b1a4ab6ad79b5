#pragma once
/* The route table as OpenAPI 3.0. A fact of a route stands in its row, one of a field in its shape:
 * nothing here describes either a second time. */
#include "core/strbuf.h"

/* pages: also those for people, for tests of permissions; generators of clients cannot use them. */
void openapi_print(struct strbuf *b, const char *server_url, bool pages);
