#ifndef API_HTTP_HEAD_H
#define API_HTTP_HEAD_H
/* What stands before the body of a request, read in one pass over its headers. */
#include <microhttpd.h>

#include "api/http/proxies.h"
#include "api/http/request.h"

struct head {
    int64_t announced; /* Content-Length */
    bool waits;        /* the client sends the body only when told to go on */
    const char *fault; /* why nobody should answer it, or NULL */
};

/* Fill what r says of headers and of the peer, who may stand behind proxies. Texts stay the
 * connection's: they live until the request is completed. The first of repeated headers counts
 * (of X-Forwarded-For the last); what two programs could read in
 * two ways (request smuggling, RFC 9112 11.2) is a fault. */
void head_read(struct scope *s, struct MHD_Connection *connection, const struct proxies *proxies,
    struct request *r, struct head *ret);

#endif
