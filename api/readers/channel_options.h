#pragma once
/* The channels of the public forms, in the order of the setting subscribe_channels, and the input
 * of their addresses. Their labels are the sets "channel" and "address..." of templates/labels,
 * where "chat" stands for those with a document. */
#include <jansson.h>

#include "api/call/call.h"
#include "messages/channel.h"

struct channel_options {
    const char *channel;
    const char *input;        /* type of the HTML input */
    const char *autocomplete; /* of the input */
    const char *example;
};

/* The channel of this name; .channel NULL: there is none. */
struct channel_options channel_options_find(const char *channel);

/* The requested channel, otherwise the first one offered: e-mail if the configuration names no
 * usable channel. */
struct channel_options channel_options_of(const struct config *config, const char *channel);

/* RC_INVALID on "channel" if channel is not offered. */
enum rc channel_options_check(struct scope *s, const struct config *config, const char *channel);

/* Whether the form may send an SMS to this number (config sms_countries). */
bool channel_options_reaches(const struct config *config, const char *number);

/* "channels" ([{channel, name, current, is_push}]), "channel", "input", "autocomplete", "example"
 * and the labels address_label, address_note, address_sent, address_wrong and address_manage. */
void channel_options_put(struct scope *s, const struct config *config,
    const struct channel_options *options, const char *locale, json_t *context);
