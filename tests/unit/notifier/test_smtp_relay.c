#include "notifier/smtp/smtp_relay.h"

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
        {"smtp://a.example:25#3", true, false},
        {"smtp://a.example:25#0", true, false},
        {"smtp://a.example:25#101", false, false},
        {"smtp://a.example:25#-1", false, false},
        {"smtp://a.example:25#x", false, false},
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
    struct relay relay = {.window = 4, .ceiling = 20, .depth = 2, .up = true};
    int64_t now = CLOCK_SECOND;
    for (int i = 0; i < 8; i++)
        relay_accepted(&relay);
    is_int(relay.window, 20, "two more connections a message at first");
    relay_shrink(&relay, now);
    relay_shrink(&relay, now + 1);
    is_int(relay.window, 10, "half of them on trouble, once a second");
    for (int i = 0; i < 40; i++)
        relay_accepted(&relay);
    is_int(relay.window, 10, "no more while not all are used");
    relay.connections = 10;
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
    relay.open = 5;
    relay_full(&relay, now);
    is_int(relay.window, 5, "too many connections: as many as it has taken");
}

static void check_depth(void)
{
    struct relay relay = {.window = 20, .ceiling = 20, .depth = 2, .up = true, .open = 4};
    for (int i = 0; i < 2 * 4; i++)
        relay_accepted(&relay);
    is_int(relay.depth, 4, "it doubles when all that was in flight is accepted");
    for (int i = 0; i < 1000; i++)
        relay_accepted(&relay);
    is_int(relay.depth, RELAY_DEPTH_CEILING, "sixteen at most");
    relay_shrink(&relay, CLOCK_SECOND);
    is_int(relay.depth, 8, "half of them on trouble");
    relay.fixed_depth = true;
    relay_shrink(&relay, 3 * CLOCK_SECOND);
    is_int(relay.depth, 8, "a fixed depth stays");
}

static void check_shares(void)
{
    SCOPE(s);
    struct relay *relays;
    size_t n;
    int took[3] = {0};
    ok(relay_parse(s, "smtp://a.example#3 smtp://b.example#1 smtp://c.example#0", "me", 4, 20,
           &relays, &n) == RC_OK &&
            n == 3,
        "three relays");
    is_int(relays[0].ceiling, 20, "the greatest weight has all connections");
    is_int(relays[1].ceiling, 7, "a third of it a third");
    is_int(relays[2].ceiling, 20, "a stand-in all");
    is_text(relays[1].name, "b.example:25", "a relay's name");
    for (int i = 0; i < 400; i++) {
        int k = relays[0].turn <= relays[1].turn ? 0 : 1;
        relay_took(&relays[k], relays, n);
        took[k]++;
    }
    ok(took[0] >= 299 && took[0] <= 301, "shares by weight: %d and %d", took[0], took[1]);
    for (int i = 0; i < 1000; i++)
        relay_took(&relays[0], relays, n);
    for (took[1] = 0; relays[1].turn < relays[0].turn; took[1]++)
        relay_took(&relays[1], relays, n);
    ok(took[1] <= 40, "what one missed is not made up for beyond a little: %d", took[1]);
    for (size_t i = 0; i < n; i++)
        relay_release(&relays[i]);
}

int main(void)
{
    check_urls();
    check_window();
    check_depth();
    check_shares();
    return tap_end();
}
