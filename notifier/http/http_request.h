#pragma once
/* The request that each channel sends to a recipient, and the outcome of its reply. */
#include <curl/curl.h>

#include "core/net/net.h"
#include "core/strbuf.h"
#include "notifier/handover/handover.h"

/* Its easy handle and buffers are used again and again. */
struct http_request {
    CURL *curl; /* NULL: never used */
    struct curl_slist *headers;
    struct net_guard guard;
    struct strbuf body, reply;
    struct recipient *recipient;
};

void http_request_init(struct http_request *request);
void http_request_release(struct http_request *request);

/* Append the recipient's text: a JSON body, or the text of an SMS. */
void http_request_text(const struct sender *sender, const struct recipient *r, struct strbuf *b);

/* Fill in the request for request->recipient. NULL, or the reason why it cannot be sent, as
 * struct outcome has it. */
const char *http_request_prepare(
    struct scope *s, const struct sender *sender, struct http_request *request);
/* The outcome of a finished request. */
struct outcome http_request_classify(
    const struct sender *sender, const struct http_request *request, CURLcode code);
/* Let its headers go; the buffers stay for the next one. */
void http_request_end(struct http_request *request);
/* After an accepted request: fill in another one that belongs to it; false: there is none. */
bool http_request_follow(
    struct scope *s, const struct sender *sender, struct http_request *request);
