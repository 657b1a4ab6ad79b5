#pragma once
/*
 * Cuts SMTP replies (RFC 5321 4.2) out of the octets received. Pure.
 *
 *     struct reply reply;
 *     size_t used;
 *     while (reply_read(in.buf, in.len, &reply, &used) == REPLY_WHOLE) {
 *         ...
 *         strbuf_drop(&in, used);
 *     }
 */
#include <stddef.h>

enum reply_state {
    REPLY_PART, /* needs more octets */
    REPLY_WHOLE,
    REPLY_BROKEN, /* not SMTP, or endless: give the session up */
};

enum { REPLY_LINE_MAX = 2048, REPLY_MAX = 16 * 1024 };

struct reply {
    int code;         /* of the last line, 200 to 599 */
    int enhanced[3];  /* RFC 3463, of the first line that has one; zeros when absent */
    const char *text; /* of the first line, after the code; points into bytes, not terminated */
    size_t text_len;
    size_t all_len; /* from text to the end of the last line, with the codes in between */
};

/* Lines end in CRLF or LF. On REPLY_WHOLE *ret_used octets belong to the reply;
 * otherwise ret and ret_used are untouched. */
enum reply_state reply_read(const char *bytes, size_t len, struct reply *ret, size_t *ret_used);
