#pragma once
/* The ways to reach a reader. */
enum channel {
    CHANNEL_EMAIL,
    CHANNEL_SMS,
    CHANNEL_SLACK,
    CHANNEL_TEAMS,
    CHANNEL_DISCORD,
    CHANNEL_WEBHOOK,
    CHANNEL_PUSH, /* a browser (RFC 8030) */
    CHANNEL_COUNT
};

/* The database's word: "email". */
extern const char *const channel_name[CHANNEL_COUNT];
