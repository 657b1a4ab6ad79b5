#include "api/readers/channel_options.h"

#include <string.h>

#include "templates/label.h"

static const struct channel_options channel_options_list[] = {
    {"email", "email", "email", "you@example.com"},
    {"sms", "tel", "tel", "+49 151 12345678"},
    {"push", "hidden", "off", ""},
    {"slack", "url", "off", "https://hooks.slack.com/services/..."},
    {"teams", "url", "off", "https://...logic.azure.com/workflows/..."},
    {"discord", "url", "off", "https://discord.com/api/webhooks/..."},
    {"webhook", "url", "off", "https://example.com/status-hook"},
};

enum { CHANNELS = sizeof(channel_options_list) / sizeof(channel_options_list[0]) };

const struct channel_options *channel_options_find(const char *channel)
{
    for (size_t i = 0; i < CHANNELS; i++)
        if (!strcmp(channel_options_list[i].channel, channel))
            return &channel_options_list[i];
    return NULL;
}

/* Whether word is in list, separated by spaces. */
static bool has_word(const char *list, const char *word)
{
    size_t len = strlen(word);
    while (*list) {
        list += strspn(list, " ");
        size_t n = strcspn(list, " ");
        if (n == len && !strncmp(list, word, len))
            return true;
        list += n;
    }
    return false;
}

static bool is_open(const struct config *config, const struct channel_options *options)
{
    return has_word(config->subscribe_channels, options->channel) &&
           (strcmp(options->channel, "sms") != 0 || *config->sms_provider);
}

const struct channel_options *channel_options_of(const struct config *config, const char *channel)
{
    const struct channel_options *first = NULL;
    for (size_t i = 0; i < CHANNELS; i++) {
        if (!is_open(config, &channel_options_list[i]))
            continue;
        if (channel && !strcmp(channel_options_list[i].channel, channel))
            return &channel_options_list[i];
        first = first ? first : &channel_options_list[i];
    }
    return first ? first : &channel_options_list[0];
}

enum rc channel_options_check(struct scope *s, const struct config *config, const char *channel)
{
    if (!strcmp(channel_options_of(config, channel)->channel, channel))
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

static void put_word(
    struct scope *s, const char *locale, const char *set, const char *channel, json_t *context)
{
    json_object_set_new(context, set, json_string(label_text(s, locale, set, channel)));
}

void channel_options_put(struct scope *s, const struct config *config,
    const struct channel_options *options, const char *locale, json_t *context)
{
    json_t *list = json_array();
    for (size_t i = 0; i < CHANNELS; i++) {
        if (!is_open(config, &channel_options_list[i]))
            continue;
        json_t *json = json_object();
        json_object_set_new(json, "channel", json_string(channel_options_list[i].channel));
        json_object_set_new(json, "name",
            json_string(label_text(s, locale, "channel", channel_options_list[i].channel)));
        json_object_set_new(json, "current", json_boolean(&channel_options_list[i] == options));
        json_object_set_new(
            json, "is_push", json_boolean(!strcmp(channel_options_list[i].channel, "push")));
        json_array_append_new(list, json);
    }
    json_object_set_new(context, "channels", list);
    json_object_set_new(context, "channel", json_string(options->channel));
    json_object_set_new(context, "input", json_string(options->input));
    json_object_set_new(context, "autocomplete", json_string(options->autocomplete));
    json_object_set_new(context, "example", json_string(options->example));
    json_object_set_new(context, "webhook", json_boolean(!strcmp(options->channel, "webhook")));
    static const char *const sets[] = {
        "address_label", "address_note", "address_sent", "address_wrong", "address_manage", NULL};
    for (const char *const *set = sets; *set; set++)
        put_word(s, locale, *set, options->channel, context);
}
