#include "api/readers/channel_options.h"

#include <string.h>

#include "core/json.h"
#include "messages/provider.h"
#include "templates/label.h"

static const struct channel_options built_in[] = {
    {"email", "email", "email", "you@example.com"},
    {"sms", "tel", "tel", "+49 151 12345678"},
    {"push", "hidden", "off", ""},
    {"slack", "url", "off", "https://hooks.slack.com/services/..."},
    {"webhook", "url", "off", "https://example.com/status-hook"},
};

enum { BUILT_IN = sizeof(built_in) / sizeof(built_in[0]) };

struct channel_options channel_options_find(const char *channel)
{
    const struct provider *document = channel_document(channel_of(channel));
    for (size_t i = 0; i < BUILT_IN; i++)
        if (!strcmp(built_in[i].channel, channel))
            return built_in[i];
    if (!document)
        return (struct channel_options){.channel = NULL};
    return (struct channel_options){.channel = document->name,
        .input = document->channel->prefix ? "text" : "url",
        .autocomplete = "off",
        .example = document->channel->example};
}

/* The next channel that the setting names and the form offers; .channel NULL: none is left. */
static struct channel_options next_open(
    struct scope *s, const struct config *config, const char **at)
{
    while (*(*at += strspn(*at, " "))) {
        size_t len = strcspn(*at, " ");
        struct channel_options options = channel_options_find(scope_strndup(s, *at, len));
        *at += len;
        if (options.channel && (strcmp(options.channel, "sms") != 0 || *config->sms_provider))
            return options;
    }
    return (struct channel_options){.channel = NULL};
}

struct channel_options channel_options_of(const struct config *config, const char *channel)
{
    SCOPE(s);
    const char *at = config->subscribe_channels;
    struct channel_options first = built_in[0], one;
    for (bool any = false; (one = next_open(s, config, &at)).channel; any = true) {
        if (channel && !strcmp(one.channel, channel))
            return one;
        first = any ? first : one;
    }
    return first;
}

enum rc channel_options_check(struct scope *s, const struct config *config, const char *channel)
{
    if (!strcmp(channel_options_of(config, channel).channel, channel))
        return RC_OK;
    return fail_field(s, RC_INVALID, "channel", "\"%.20s\" is not offered here", channel);
}

bool channel_options_reaches(const struct config *config, const char *number)
{
    const char *at = config->sms_countries;
    if (!*at)
        return true;
    while (*at) {
        at += strspn(at, " ");
        size_t n = strcspn(at, " ");
        if (n && !strncmp(at, number, n))
            return true;
        at += n;
    }
    return false;
}

/* The channel's own label, or the one for all channels with a document. */
static void put_word(struct scope *s, const char *locale, const char *set,
    const struct channel_options *options, json_t *context)
{
    const char *label = label_text(s, locale, set, options->channel);
    if (channel_document(channel_of(options->channel)) && !strcmp(label, options->channel)) {
        json_t *values = json_own(s,
            json_pack("{s:s, s:s}", "channel", label_text(s, locale, "channel", options->channel),
                "example", options->example));
        label = label_fill(s, label_text(s, locale, set, "chat"), values);
    }
    json_object_set_new(context, set, json_string(label));
}

void channel_options_put(struct scope *s, const struct config *config,
    const struct channel_options *options, const char *locale, json_t *context)
{
    json_t *list = json_array();
    struct channel_options one;
    for (const char *at = config->subscribe_channels; (one = next_open(s, config, &at)).channel;)
        json_array_append_new(list,
            json_pack("{s:s, s:s, s:b, s:b}", "channel", one.channel, "name",
                label_text(s, locale, "channel", one.channel), "current",
                !strcmp(one.channel, options->channel), "is_push", !strcmp(one.channel, "push")));
    json_object_set_new(context, "channels", list);
    json_object_set_new(context, "channel", json_string(options->channel));
    json_object_set_new(context, "input", json_string(options->input));
    json_object_set_new(context, "autocomplete", json_string(options->autocomplete));
    json_object_set_new(context, "example", json_string(options->example));
    json_object_set_new(context, "webhook", json_boolean(!strcmp(options->channel, "webhook")));
    static const char *const sets[] = {
        "address_label", "address_note", "address_sent", "address_wrong", "address_manage", NULL};
    for (const char *const *set = sets; *set; set++)
        put_word(s, locale, *set, options, context);
}
