#include "notifier/http/hosts.h"

#include <stdio.h>

#include "tests/unit/tap.h"

#define S INT64_C(1000000)

/* What happens to one host: b begin, w it answers well, f it fails, r it fails and asks for
 * 60 s, . a second passes, m a minute passes. Requests end at once. */
static const struct {
    const char *name, *events;
    int window;
    bool may;
    int64_t wait;
} rows[] = {
    {"unknown", "", HOST_WINDOW_FIRST, true, 0},
    {"full", "bbbbbbbb", HOST_WINDOW_FIRST, false, 0},
    {"full and silent", "bbbbbbbb..", HOST_WINDOW_FIRST, false, 5 * S},
    {"silent", "b..", HOST_WINDOW_FIRST, false, 5 * S},
    {"silent, but nothing is open", "bw..", HOST_WINDOW_FIRST + 1, true, 0},
    {"full and heard of", "bbbbbbbb..wbb", HOST_WINDOW_FIRST + 1, false, 0},
    {"grows", "bwbwbw", HOST_WINDOW_FIRST + 3, true, 0},
    {"halves", "bf", HOST_WINDOW_FIRST / 2, true, 0},
    {"two failures", "bfbf", HOST_WINDOW_FIRST / 4, true, 0},
    {"three failures: rests", "bfbfbf", 1, false, 5 * S},
    {"a success between", "bfbfbwbf", 1, true, 0},
    {"asked for a minute", "bfbfbr", 1, false, 60 * S},
    {"a minute less a second", "bfbfbr.", 1, false, 59 * S},
    {"one attempt after the rest", "bfbfbf.....", 1, true, 0},
    {"one attempt only", "bfbfbf.....b", 1, false, 5 * S},
    {"rests longer", "bfbfbf.....bf", 1, false, 10 * S},
    {"rests five minutes at most", "bfbfbfmbfmbfmbfmbfmbfmmmbfmmmmbfmmmmmbf", 1, false, 300 * S},
    {"is back", "bfbfbf.....bw", 2, true, 0},
    {"what was open when it went to rest", "bbbbbbffffff", 1, false, 5 * S},
};

static void play(const char *events, struct host *host, int64_t *now)
{
    for (; *events; events++) {
        if (*events == 'b')
            host_begin(host, *now);
        else if (*events == '.')
            *now += S;
        else if (*events == 'm')
            *now += 60 * S;
        else
            host_end(
                host, *events == 'w' ? HOST_WELL : HOST_BADLY, *events == 'r' ? 60 * S : 0, *now);
    }
}

static void check_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hosts hosts;
        int64_t now = 0, wait;
        hosts_init(&hosts);
        struct host *host = hosts_of(&hosts, "https://one.example/x", now);
        play(rows[i].events, host, &now);
        bool may = host_may_begin(host, now, &wait);
        ok(host->window == rows[i].window && may == rows[i].may && wait == rows[i].wait,
            "%s: window %d, %s, wait %lld s", rows[i].name, host->window, may ? "may" : "may not",
            (long long)(wait / S));
        hosts_release(&hosts);
    }
}

static void check_table(void)
{
    struct hosts hosts;
    char url[64];
    hosts_init(&hosts);
    struct host *busy = hosts_of(&hosts, "http://127.0.0.1:81/a?b", 0);
    host_begin(busy, 0);
    ok(busy == hosts_of(&hosts, "http://127.0.0.1:81/c", 0), "a path is not a host");
    ok(busy != hosts_of(&hosts, "http://127.0.0.1:82/a", 0), "a port is");
    for (int i = 0; i < 3 * HOSTS; i++) {
        snprintf(url, sizeof url, "https://h%d.example/", i);
        hosts_of(&hosts, url, i);
    }
    ok(busy == hosts_of(&hosts, "http://127.0.0.1:81/", 0) && busy->active == 1,
        "a host with open messages is not dropped");
    hosts_release(&hosts);
}

int main(void)
{
    check_rows();
    check_table();
    return tap_end();
}
