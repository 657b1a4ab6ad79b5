#pragma once
/*
 * The addresses of a channel: URLs of a pattern, which names their parts. "{name}" is one segment
 * of the URL or a part of it, "{name...}" all that follows; the scheme, https, is left out:
 *
 *     pattern  {host}/api/webhooks/{id}/{token}
 *     address  https://discord.com/api/webhooks/17/s3cret
 *     parts    {"host": "discord.com", "id": "17", "token": "s3cret"}
 *
 * No part has a character that would have to be escaped in JSON or in a path. Pure.
 */
#include <jansson.h>
#include <stdbool.h>

#include "messages/provider.h"

/* The parts, in the order of the pattern, owned by s. RC_INVALID on "address": another form, a host
 * that the document does not list, or one that net_url_check refuses. */
enum rc channel_address(struct scope *s, const struct provider *channel, const char *url,
    bool allow_loopback, json_t **ret_parts);

/* The URL that an address stands for: itself, or with the prefix of the channel before it. */
const char *channel_address_url(
    struct scope *s, const struct provider *channel, const char *address);

/* The same members as of channel_address, each with a marker of text_template.h: of
 * PLACEHOLDER_FIELD + 1 and so on. Owned by s. */
json_t *channel_address_markers(struct scope *s, const struct provider *channel);

/* "https://HOST" of an address. */
const char *channel_address_base(struct scope *s, const char *url);
