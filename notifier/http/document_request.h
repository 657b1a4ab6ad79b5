#pragma once
/* The request of a channel with a document (messages/provider.h). */
#include "notifier/http/http_message.h"

/* NULL, or the reason why it cannot be sent, as struct outcome has it. */
const char *document_prepare(struct scope *s, const struct sender *sender,
    struct http_request *request, const struct provider *channel);
