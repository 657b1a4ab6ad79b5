#pragma once
/*
 * The message of a channel that a document describes (provider.h), in two steps: a template
 * (templates/chat/) says in plain texts and Markdown what there is to say, the same for all
 * channels; the document's `fields` are filled with it, cut, escaped and without mentions. They are
 * Mustache over
 *
 *     title, status, window, body, components, foot, link_title
 *              in the channel's markup; "" where a message has none
 *     plain    the same without markup
 *     link     the URL of the incident, or the one to confirm or manage the subscription
 *     brand, public_url
 *     event    key: the same for all messages of an incident; kind, state, at, ended, colour;
 *              level: {major_outage: true ..., known: one of them is true}
 *     id       of the message, the same on every attempt
 *     to       the parts of the address (channel_address.h)
 *
 * `path`, `headers` and `auth` see event, id and to.
 */
#include <jansson.h>

#include "messages/provider.h"

struct chat_spec {
    const struct provider *channel;
    const char *template; /* "update" */
    const char *locale;
    json_t *context; /* of that template (context.h) */
    json_t *event;
};

/* The text of the message, with markers (text_template.h) for the recipient's token, id and parts
 * of the address; with actions, an object that has a message for each. RC_INVALID: what cannot be
 * cut is larger than the channel takes. Owned by s. */
enum rc chat_message(struct scope *s, const struct chat_spec *spec, const char **ret);

/* Check the document's templates with samples. RC_INVALID names the field. */
enum rc chat_message_check(struct scope *s, const struct provider *channel);
