#pragma once
/* A message as the outbox keeps it. */
#include "notifier/handover/handover.h"
#include "notifier/http/http_request.h"

struct outbox_message {
    const char *address; /* without the secret of a URL */
    const char *subject; /* one line: subject, text or title */
    const char *headers; /* of an HTTP request, without credentials; "" */
    const char *body;    /* the mail, the text of an SMS, the JSON of a post */
    int64_t segments;    /* of an SMS, or SHAPE_NONE */
};

/* Make the message for r; request is reused. domain: of the sender's address. NULL, or the reason
 * why it cannot be sent, as struct outcome has it. */
const char *outbox_message_make(struct scope *s, const struct sender *sender, const char *domain,
    struct http_request *request, struct recipient *r, struct outbox_message *ret);
