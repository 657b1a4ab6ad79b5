#include "messages/channel.h"

const char *const channel_name[CHANNEL_COUNT] = {
    [CHANNEL_EMAIL] = "email",
    [CHANNEL_SMS] = "sms",
    [CHANNEL_SLACK] = "slack",
    [CHANNEL_TEAMS] = "teams",
    [CHANNEL_DISCORD] = "discord",
    [CHANNEL_WEBHOOK] = "webhook",
    [CHANNEL_PUSH] = "push",
};
