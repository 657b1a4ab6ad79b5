#ifndef API_NOTICE_H
#define API_NOTICE_H
/* What notices to subscribers and to credited accounts share. */
#include "api/call.h"

struct notice_preview {
    const char *subject, *text, *html;
};

/* Answer {broadcast}. */
enum rc reply_created_broadcast(struct call *c, int64_t id);

#endif
