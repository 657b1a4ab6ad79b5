#pragma once
/* A request of the HTTP thread and its parts, which the files that prepare it for a channel fill
 * in. */
#include <curl/curl.h>
#include <jansson.h>

#include "core/net/net.h"
#include "core/strbuf.h"
#include "messages/provider.h"
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
/* Let its headers go; the buffers stay for the next one. */
void http_request_end(struct http_request *request);

/* Add a header: "Name: value". */
void http_request_line(struct http_request *request, const char *line);
void http_request_header(
    struct scope *s, struct http_request *request, const char *name, const char *value);

/* URL, headers and authentication by a document. */
void http_request_use(
    struct scope *s, struct http_request *request, const struct provider_request *filled);

/* Append the id of the recipient's message: unique, the same on every attempt. */
void http_request_id(const struct sender *sender, const struct recipient *r, struct strbuf *b);

/* Append the recipient's text: a JSON body, or the text of an SMS. context: of a channel with a
 * document, its id and the parts of the address (chat_message.h), or NULL. */
void http_request_fill(const struct sender *sender, const struct recipient *r,
    const json_t *context, struct strbuf *b);
void http_request_text(const struct sender *sender, const struct recipient *r, struct strbuf *b);
