#include "notifier/smtp_relay.h"

#include "core/clock.h"
#include "tests/unit/tap.h"

static void check_urls(void)
{
    static const struct {
        const char *url;
        bool good, loopback;
    } urls[] = {
        {"smtp://127.0.0.1:25", true, true},
        {"smtp://localhost", true, true},
        {"smtp://[::1]:2525", true, true},
        {"smtps://mail.example.com", true, false},
        {"smtp://u%40x:p%20w@mail.example.com:587", true, false},
        {"smtp://a.example smtp://b.example:26", true, false},
        {"smtp://127.0.0.1.example.com:25", true, false},
        {"smtp://127.example.com:25", true, false},
        {"", false, false},
        {"   ", false, false},
        {"http://a.example", false, false},
        {"smtp://", false, false},
        {"smtp://a.example/path", false, false},
        {"smtp://a.example?x", false, false},
        {"smtp://u@a.example", false, false},
        {"smtp://a.example:99999", false, false},
    };
    SCOPE(s);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct relay *relays = NULL;
        size_t n;
        enum rc rc = relay_parse(s, urls[i].url, "me.example", 4, 20, &relays, &n);
        ok((rc == RC_OK) == urls[i].good && (!relays || relays->loopback == urls[i].loopback),
            "url %s", urls[i].url);
    }
}

static void check_window(void)
{
    struct relay relay = {.window = 4, .ceiling = 20, .up = true};
    int64_t now = CLOCK_SECOND;
    for (int i = 0; i < 16; i++)
        relay_accepted(&relay);
    is_int(relay.window, 20, "one more connection a message at first");
    relay_shrink(&relay, now);
    relay_shrink(&relay, now + 1);
    is_int(relay.window, 10, "half of them on trouble, once a second");
    for (int i = 0; i < 40; i++)
        relay_accepted(&relay);
    is_int(relay.window, 11, "one more per four windows' worth from then on");
    relay_down(&relay, now);
    relay_down(&relay, now);
    is_int(relay.not_before - now, CLOCK_SECOND, "a second at first, failures together count once");
    for (int i = 0; i < 10; i++)
        relay_down(&relay, now = relay.not_before);
    is_int(relay.not_before - now, 60 * CLOCK_SECOND, "a minute at most");
    is_int(relay.window, 1, "one connection stays");
}

int main(void)
{
    check_urls();
    check_window();
    return tap_end();
}
