#pragma once
/* The request that each channel sends to a recipient, and the outcome of its reply. */
#include "notifier/http/http_message.h"

/* Fill in the request for request->recipient. NULL, or the reason why it cannot be sent, as
 * struct outcome has it. */
const char *http_request_prepare(
    struct scope *s, const struct sender *sender, struct http_request *request);
/* The outcome of a finished request. */
struct outcome http_request_classify(
    const struct sender *sender, const struct http_request *request, CURLcode code);
/* After an accepted request: fill in another one that belongs to it; false: there is none. */
bool http_request_follow(
    struct scope *s, const struct sender *sender, struct http_request *request);
