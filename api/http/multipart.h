#ifndef API_HTTP_MULTIPART_H
#define API_HTTP_MULTIPART_H
/*
 * A form with a file in it (multipart/form-data, RFC 7578), taken apart while it arrives:
 * the file goes to request.upload piece by piece, whatever its length; the other fields, at
 * most MULTIPART_FIELDS_MAX octets together, to request.part. libmicrohttpd reads the format.
 */
#include "api/http/request.h"

enum { MULTIPART_FIELDS_MAX = 1024 * 1024 };

struct MHD_Connection;
struct multipart;

/* Whether that is what a Content-Type says. */
bool multipart_is(const char *content_type);

/* NULL: its Content-Type names no boundary. scope and request outlive it. */
struct multipart *multipart_new(
    struct scope *s, struct MHD_Connection *connection, struct request *request);

/* The next piece of the body. RC_INVALID: not well-formed, too many or too long fields, or a
 * second file; RC_RETRY: the file can not be kept. */
enum rc multipart_take(struct multipart *multipart, const char *bytes, size_t len);

/* All is there. RC_INVALID: its last boundary is not. */
enum rc multipart_end(struct multipart *multipart);

void multipart_free(struct multipart *multipart);

#endif
