#ifndef API_NOTICE_H
#define API_NOTICE_H
/* What notices to subscribers and to credited accounts share. */
#include "api/call.h"

/* The body is a template with merge fields: RC_INVALID on "body" when it does not parse. */
enum rc notice_check(struct scope *s, const char *body);

/* Answer {broadcast}. */
enum rc reply_created_broadcast(struct call *c, int64_t id);

#endif
