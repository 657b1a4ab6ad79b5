#pragma once
/*
 * What the documents of SMS providers and of channels (messages/provider.h) say about replies.
 *
 * No provider of SMS supports idempotent requests, so an SMS that may have arrived is
 * OUTCOME_UNKNOWN and is never sent again; a message of a channel is. Pure.
 */
#include "messages/provider.h"
#include "notifier/http/http_reply.h"

/* .reason points into the document. A row of its errors decides at any status (Vonage refuses with
 * 200); success needs both a 2xx status and the document's predicate. */
struct outcome document_classify(const struct provider *document, const struct http_reply *reply);
