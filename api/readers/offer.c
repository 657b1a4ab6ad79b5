#include "api/readers/offer.h"

#include <string.h>

#include "messages/label.h"

static const struct offer offers[] = {
    {"email", "email", "email", "you@example.com"},
    {"sms", "tel", "tel", "+49 151 12345678"},
    {"slack", "url", "off", "https://hooks.slack.com/services/..."},
    {"teams", "url", "off", "https://...logic.azure.com/workflows/..."},
    {"discord", "url", "off", "https://discord.com/api/webhooks/..."},
    {"webhook", "url", "off", "https://example.com/status-hook"},
};

enum { OFFERS = sizeof(offers) / sizeof(offers[0]) };

/* Is word one of the words of list, which spaces separate? */
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

static bool is_open(const struct config *config, const struct offer *offer)
{
    return has_word(config->subscribe_channels, offer->channel) &&
           (strcmp(offer->channel, "sms") != 0 || *config->sms_provider);
}

const struct offer *offer_of(const struct config *config, const char *channel)
{
    const struct offer *first = NULL;
    for (size_t i = 0; i < OFFERS; i++) {
        if (!is_open(config, &offers[i]))
            continue;
        if (channel && !strcmp(offers[i].channel, channel))
            return &offers[i];
        first = first ? first : &offers[i];
    }
    return first ? first : &offers[0];
}

enum rc offer_check(struct scope *s, const struct config *config, const char *channel)
{
    if (!strcmp(offer_of(config, channel)->channel, channel))
        return RC_OK;
    return fail_field(s, RC_INVALID, "channel", "\"%.20s\" is not offered here", channel);
}

bool offer_reaches(const struct config *config, const char *number)
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

void offer_put(struct scope *s, const struct config *config, const struct offer *offer,
    const char *locale, json_t *context)
{
    json_t *list = json_array();
    for (size_t i = 0; i < OFFERS; i++) {
        if (!is_open(config, &offers[i]))
            continue;
        json_t *json = json_object();
        json_object_set_new(json, "channel", json_string(offers[i].channel));
        json_object_set_new(
            json, "name", json_string(label_text(s, locale, "channel", offers[i].channel)));
        json_object_set_new(json, "current", json_boolean(&offers[i] == offer));
        json_array_append_new(list, json);
    }
    json_object_set_new(context, "channels", list);
    json_object_set_new(context, "channel", json_string(offer->channel));
    json_object_set_new(context, "input", json_string(offer->input));
    json_object_set_new(context, "autocomplete", json_string(offer->autocomplete));
    json_object_set_new(context, "example", json_string(offer->example));
    json_object_set_new(context, "webhook", json_boolean(!strcmp(offer->channel, "webhook")));
    static const char *const sets[] = {
        "address_label", "address_note", "address_told", "address_wrong", "address_manage", NULL};
    for (const char *const *set = sets; *set; set++)
        put_word(s, locale, *set, offer->channel, context);
}
