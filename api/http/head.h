#pragma once
/* The head of a request, read in one pass over its headers. */
#include <microhttpd.h>

#include "api/http/head_lines.h"
#include "api/http/proxies.h"
#include "api/http/request.h"

struct head {
    int64_t announced; /* Content-Length */
    bool waits;        /* the client waits for 100 Continue before sending the body */
    const char *fault; /* reason to refuse the request, or NULL */
};

/* Fill the headers and the peer of r, which may be behind proxies. The connection owns the texts,
 * which live until the request is completed. The first of repeated headers counts (of
 * X-Forwarded-For the last); ambiguous framing (request smuggling, RFC 9112 11.2) is a fault.
 * lines: head_lines_begin of the request line. */
void head_read(struct scope *s, struct MHD_Connection *connection, struct head_lines lines,
    const struct proxies *proxies, struct request *r, struct head *ret);
