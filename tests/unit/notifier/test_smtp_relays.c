/* Several relays: shares, failover and return, stand-ins, limits. */
#include <libgen.h>
#include <stdatomic.h>

#include "tests/unit/notifier/smtp_world.h"

static char *url_of(struct scope *s, const char *weights[], const int ports[], int n)
{
    char *url = scope_strdup(s, "");
    for (int i = 0; i < n; i++)
        url = scope_printf(s, "%s smtp://127.0.0.1:%d%s", url, ports[i], weights[i]);
    return url;
}

static void check_failover(void)
{
    SCOPE(s);
    struct sink sink = smtpsink((const char *[]){NULL});
    struct source source = source_of(s, 500);
    struct smtp_config config = {
        .url = scope_printf(s, "smtp://127.0.0.1:%d smtp://127.0.0.1:%d", free_port(), sink.port)};
    run(s, &source, config, 30);
    ok(count(&source, OUTCOME_ACCEPTED) == 500 && !source.retried,
        "the second relay takes over from one that is down");
    sink_stop(&sink);
}

/* What bounds them is how late they answer, not which of them gets a processor. */
static void check_weights(void)
{
    SCOPE(s);
    const char *slow[] = {"--dot-delay-ms", "25", NULL};
    struct sink a = smtpsink(slow), b = smtpsink(slow);
    struct source source = source_of(s, 2000);
    char *url = url_of(s, (const char *[]){"#3", ""}, (const int[]){a.port, b.port}, 2);
    run(s, &source, (struct smtp_config){.url = url, .depth = 1}, 30);
    struct counts at_a = sink_stop(&a), at_b = sink_stop(&b);
    ok(count(&source, OUTCOME_ACCEPTED) == 2000 && at_a.accepted + at_b.accepted == 2000,
        "two relays take all");
    ok(at_a.accepted >= 2 * at_b.accepted && at_a.accepted <= 5 * at_b.accepted,
        "in proportion to their weights: %ld and %ld", at_a.accepted, at_b.accepted);
}

/* Messages one after the other, as a quiet hour brings them. */
static void check_few(void)
{
    SCOPE(s);
    /* Slow enough that the second has answered before the first has taken them all. */
    const char *slow[] = {"--dot-delay-ms", "5", NULL};
    struct sink a = smtpsink(slow), b = smtpsink(slow);
    struct source source = source_of(s, 40);
    struct smtp *smtp;
    struct smtp_config config = {.helo = "client.example",
        .url = url_of(s, (const char *[]){"", ""}, (const int[]){a.port, b.port}, 2)};
    smtp_new(s, &config, (struct smtp_source){next, done, &source}, &smtp);
    int all = source.n;
    int64_t end = clock_monotonic() + 20 * CLOCK_SECOND;
    for (source.n = 1; source.open && clock_monotonic() < end;) {
        smtp_step(smtp, 1, -1);
        if (source.open == all - source.n && source.n < all)
            source.n++;
    }
    smtp_free(smtp);
    struct counts at_a = sink_stop(&a), at_b = sink_stop(&b);
    ok(at_a.accepted >= 15 && at_b.accepted >= 15, "few messages are shared, too: %ld and %ld",
        at_a.accepted, at_b.accepted);
}

static void check_stand_in(void)
{
    SCOPE(s);
    struct sink a = smtpsink((const char *[]){NULL}), b = smtpsink((const char *[]){NULL});
    struct source source = source_of(s, 500);
    char *url = url_of(s, (const char *[]){"#0", "#1"}, (const int[]){a.port, b.port}, 2);
    run(s, &source, (struct smtp_config){.url = url}, 20);
    ok(sink_stop(&b).accepted == 500, "a stand-in takes nothing while another relay serves");
    struct source other = source_of(s, 500);
    run(s, &other, (struct smtp_config){.url = url}, 20);
    ok(sink_stop(&a).accepted == 500 && count(&other, OUTCOME_ACCEPTED) == 500,
        "and everything while none does");
}

/* One relay ends in the middle, and comes back. */
static void check_return(void)
{
    SCOPE(s);
    const char *slow[] = {"--dot-delay-ms", "20", NULL};
    struct sink a = smtpsink(slow), b = smtpsink(slow);
    char *listen = scope_printf(s, "127.0.0.1:%d", a.port);
    struct source source = source_of(s, 4000);
    struct smtp *smtp;
    struct smtp_config config = {.helo = "client.example",
        .depth = 1,
        .url = url_of(s, (const char *[]){"", ""}, (const int[]){a.port, b.port}, 2)};
    smtp_new(s, &config, (struct smtp_source){next, done, &source}, &smtp);
    int64_t end = clock_monotonic() + 30 * CLOCK_SECOND;
    struct counts first = {0}, second = {0};
    int stage = 0;
    while (source.open && clock_monotonic() < end) {
        smtp_step(smtp, 20, -1);
        if (stage == 0 && source.open < 3600)
            first = sink_stop(&a), stage = 1;
        if (stage == 1 && source.open < 3000)
            a = smtpsink((const char *[]){"--listen", listen, "--dot-delay-ms", "20", NULL}),
            stage = 2;
    }
    smtp_free(smtp);
    second = sink_stop(&a);
    sink_stop(&b);
    ok(count(&source, OUTCOME_ACCEPTED) == 4000 && !source.wrong,
        "a relay that ends in the middle loses nothing");
    ok(first.accepted > 0 && second.accepted > 200, "and is used again when it is back: %ld, %ld",
        first.accepted, second.accepted);
}

/* MAIL refused for a while by one: the messages go to the other at once. */
static void check_refusing(void)
{
    SCOPE(s);
    struct sink a =
        smtpsink((const char *[]){"--refuse-first", "mail:100000:451 4.7.1 Not now", NULL});
    struct sink b = smtpsink((const char *[]){NULL});
    struct source source = source_of(s, 500);
    source.once = true;
    char *url = url_of(s, (const char *[]){"", ""}, (const int[]){a.port, b.port}, 2);
    run(s, &source, (struct smtp_config){.url = url}, 20);
    sink_stop(&a);
    ok(sink_stop(&b).accepted == 500 && count(&source, OUTCOME_ACCEPTED) == 500,
        "451 to MAIL: the other relay takes the messages without another attempt");
}

static void check_allowance(void)
{
    SCOPE(s);
    struct sink sink = smtpsink((const char *[]){NULL});
    struct smtp_allowance allowance = {.left = 0};
    struct source source = source_of(s, 100);
    struct smtp *smtp;
    struct smtp_config config = {.helo = "client.example",
        .allowance = &allowance,
        .url = scope_printf(s, "smtp://127.0.0.1:%d", sink.port)};
    smtp_new(s, &config, (struct smtp_source){next, done, &source}, &smtp);
    for (int i = 0; i < 20; i++)
        smtp_step(smtp, 5, -1);
    struct smtp_status status;
    ok(source.given == 0 && smtp_relay_status(smtp, 0, &status) && status.rate_limited,
        "no allowance: nothing is pulled");
    atomic_fetch_add(&allowance.left, 30);
    for (int i = 0; i < 100; i++)
        smtp_step(smtp, 5, -1);
    ok(count(&source, OUTCOME_ACCEPTED) == 30 && atomic_load(&allowance.left) == 0,
        "as many as are allowed: %d", count(&source, OUTCOME_ACCEPTED));
    smtp_free(smtp);
    sink_stop(&sink);
}

/* One stops with its connections open, and no other can be had just now. */
static void check_silent(void)
{
    SCOPE(s);
    enum { ALL = 1000, MOST = 40, SHARE = 30 };
    struct sink a = smtpsink((const char *[]){NULL}),
                b = smtpsink((const char *[]){"--mute", NULL});
    struct source source = source_of(s, ALL);
    struct smtp *smtp;
    struct smtp_status at_a;
    struct smtp_config config = {.helo = "client.example",
        .most = MOST,
        .url = url_of(s, (const char *[]){"", ""}, (const int[]){a.port, b.port}, 2)};
    smtp_new(s, &config, (struct smtp_source){next, done, &source}, &smtp);
    int64_t end = clock_monotonic() + 20 * CLOCK_SECOND;
    for (source.n = 100; source.open > ALL - 100 && clock_monotonic() < end;)
        smtp_step(smtp, 5, -1);
    kill(a.pid, SIGSTOP);
    source.n = ALL;
    for (int i = 0; i < 50; i++)
        smtp_step(smtp, 5, -1);
    smtp_relay_status(smtp, 0, &at_a);
    ok(at_a.in_flight == SHARE, "a relay that falls silent leaves places for the others: it has %d",
        at_a.in_flight);
    kill(a.pid, SIGCONT);
    while (source.open && clock_monotonic() < end)
        smtp_step(smtp, 5, -1);
    smtp_free(smtp);
    sink_stop(&a);
    sink_stop(&b);
    ok(count(&source, OUTCOME_ACCEPTED) == ALL && !source.retried,
        "and what it held ends when it speaks again");
}

int main(int argc, char **argv)
{
    SCOPE(s);
    (void)argc;
    sink_path = scope_printf(s, "%s/../../sinks/smtpsink", dirname(scope_strdup(s, argv[0])));
    check_failover();
    check_weights();
    check_few();
    check_stand_in();
    check_return();
    check_refusing();
    check_allowance();
    check_silent();
    return tap_end();
}
