#include "messages/channel.h"

#include <string.h>

const char *channel_name[CHANNEL_COUNT + 1] = {
    [CHANNEL_EMAIL] = "email",
    [CHANNEL_SMS] = "sms",
    [CHANNEL_SLACK] = "slack",
    [CHANNEL_WEBHOOK] = "webhook",
    [CHANNEL_PUSH] = "push",
};

static const struct provider *documents[CHANNEL_COUNT];

enum channel channel_of(const char *name)
{
    enum channel c = 0;
    while (channel_name[c] && strcmp(channel_name[c], name) != 0)
        c++;
    return channel_name[c] ? c : CHANNEL_COUNT;
}

const struct provider *channel_document(enum channel channel)
{
    return channel < CHANNEL_COUNT ? documents[channel] : NULL;
}

void channel_register(const struct provider *const *all, const char *const *names, size_t n)
{
    for (size_t i = 0; i < CHANNEL_COUNT - CHANNEL_DOCUMENTS; i++) {
        documents[CHANNEL_DOCUMENTS + i] = i < n ? all[i] : NULL;
        channel_name[CHANNEL_DOCUMENTS + i] = i < n ? names[i] : NULL;
    }
}
