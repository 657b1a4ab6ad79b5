#pragma once
/*
 * A form with a file in it (multipart/form-data, RFC 7578), parsed while it arrives: the file, of
 * any length, goes to request.upload in pieces; the other fields, at most MULTIPART_FIELDS_MAX
 * octets in total, go to request.part. libmicrohttpd parses the format.
 */
#include "api/http/request.h"

enum { MULTIPART_FIELDS_MAX = 1024 * 1024 };

struct MHD_Connection;
struct multipart;

/* Whether a Content-Type has this format. */
bool multipart_is(const char *content_type);

/* NULL if the Content-Type has no boundary. scope and request must outlive it. */
struct multipart *multipart_new(
    struct scope *s, struct MHD_Connection *connection, struct request *request);

/* Parse the next piece of the body. RC_INVALID: malformed, too many or too long fields, or a second
 * file; RC_RETRY: the file cannot be stored. */
enum rc multipart_take(struct multipart *multipart, const char *bytes, size_t len);

/* End of the body. RC_INVALID: the final boundary is missing. */
enum rc multipart_end(struct multipart *multipart);

void multipart_free(struct multipart *multipart);
