/* The engine against sinks that behave and misbehave: each message ends exactly once. */
#include <libgen.h>

#include "tests/unit/notifier/smtp_world.h"

/* ---- sinks that misbehave ---- */

#define DATA_ONLY "--no-chunking"
#define FULL_AT(stage) "--refuse-first", stage ":5:452 4.3.1 Insufficient system storage"

static const struct {
    const char *name;
    const char *options[12];
    int messages;
    int connections; /* fixed, or 0 for the window */
    int suppressed;  /* by RCPT; the rest is accepted in the end */
    bool retries, duplicates;
} cases[] = {
    {"CHUNKING", {NULL}, .messages = 2000},
    {"CHUNKING, one connection", {NULL}, .messages = 500, .connections = 1},
    {"a single message", {NULL}, .messages = 1},
    {"PIPELINING", {DATA_ONLY, NULL}, .messages = 2000},
    {"PIPELINING, one connection", {DATA_ONLY, NULL}, .messages = 500, .connections = 1},
    {"no PIPELINING", {"--no-pipelining", NULL}, .messages = 500},
    {"CHUNKING that is none: 502", {"--refuse-bdat", "502 5.5.2 What?", NULL}, .messages = 100,
        .retries = true, .duplicates = true},
    {"refused recipients", {"--refuse-rcpt", "5@:550 5.1.1 No such user", NULL}, .messages = 1000,
        .suppressed = 100},
    {"refused, PIPELINING", {DATA_ONLY, "--refuse-rcpt", "5@:550 5.1.1 No such user", NULL},
        .messages = 1000, .suppressed = 100},
    {"refused, no PIPELINING", {"--no-pipelining", "--refuse-rcpt", "5@:550 No such user", NULL},
        .messages = 500, .suppressed = 50},
    {"every recipient refused", {"--refuse-rcpt", "@:550 5.1.1 No such user", NULL},
        .messages = 300, .suppressed = 300},
    {"every recipient refused, PIPELINING",
        {DATA_ONLY, "--refuse-rcpt", "@:550 5.1.1 No such user", NULL}, .messages = 300,
        .suppressed = 300},
    {"451 to every tenth", {"--temp-every", "10", NULL}, .messages = 1000, .retries = true},
    {"451 to every tenth, PIPELINING", {DATA_ONLY, "--temp-every", "10", NULL}, .messages = 1000,
        .retries = true},
    {"silent end of connections", {"--drop-after", "7", NULL}, .messages = 1000, .retries = true,
        .duplicates = true},
    {"silent end of connections, PIPELINING", {DATA_ONLY, "--drop-after", "7", NULL},
        .messages = 1000},
    {"421 behind the seventh", {"--goodbye-after", "7", NULL}, .messages = 1000},
    {"421, PIPELINING", {DATA_ONLY, "--goodbye-after", "7", NULL}, .messages = 1000},
    {"421, no PIPELINING", {"--goodbye-after", "3", "--no-pipelining", NULL}, .messages = 300},
    {"cut in a chunk", {"--drop-in-body", "20", NULL}, .messages = 1000, .retries = true,
        .duplicates = true},
    {"cut in mid-body", {DATA_ONLY, "--drop-in-body", "20", NULL}, .messages = 1000,
        .retries = true, .duplicates = true},
    {"late replies", {"--delay-ms", "5", NULL}, .messages = 200},
    {"late replies, PIPELINING", {DATA_ONLY, "--delay-ms", "5", NULL}, .messages = 200},
    {"late final replies", {"--dot-delay-ms", "10", NULL}, .messages = 400, .connections = 20},
    {"451 to the first MAIL", {"--refuse-first", "mail:1:451 4.7.1 Not now", NULL}, .messages = 50,
        .retries = true},
    {"a full disk: 452 to MAIL", {FULL_AT("mail"), NULL}, .messages = 100},
    {"452 to MAIL, PIPELINING", {DATA_ONLY, FULL_AT("mail"), NULL}, .messages = 100},
    {"452 to MAIL, no PIPELINING", {"--no-pipelining", FULL_AT("mail"), NULL}, .messages = 100},
    {"452 to RCPT", {FULL_AT("rcpt"), NULL}, .messages = 100, .retries = true},
    {"452 to RCPT, PIPELINING", {DATA_ONLY, FULL_AT("rcpt"), NULL}, .messages = 100,
        .retries = true},
    {"452 to RCPT, no PIPELINING", {"--no-pipelining", FULL_AT("rcpt"), NULL}, .messages = 100,
        .retries = true},
    {"452 to DATA, PIPELINING", {DATA_ONLY, FULL_AT("data"), NULL}, .messages = 100,
        .retries = true},
    {"452 to DATA, no PIPELINING", {"--no-pipelining", FULL_AT("data"), NULL}, .messages = 100,
        .retries = true},
    {"452 to the last chunk", {FULL_AT("end"), NULL}, .messages = 100, .retries = true},
    {"452 to the dot, PIPELINING", {DATA_ONLY, FULL_AT("end"), NULL}, .messages = 100,
        .retries = true},
    {"452 to the dot, no PIPELINING", {"--no-pipelining", FULL_AT("end"), NULL}, .messages = 100,
        .retries = true},
    {"all at once",
        {"--goodbye-after", "9", "--temp-every", "13", "--drop-in-body", "17", "--refuse-rcpt",
            "[07]@:550 5.1.1 No", "--dot-delay-ms", "1", NULL},
        .messages = 1000, .suppressed = 200, .retries = true, .duplicates = true},
    {"all at once, PIPELINING",
        {DATA_ONLY, "--goodbye-after", "9", "--temp-every", "13", "--drop-in-body", "17",
            "--refuse-rcpt", "[07]@:550 5.1.1 No", "--dot-delay-ms", "1", NULL},
        .messages = 1000, .suppressed = 200, .retries = true, .duplicates = true},
};

static void run_case(size_t i)
{
    SCOPE(s);
    struct sink sink = smtpsink(cases[i].options);
    struct source source = source_of(s, cases[i].messages);
    struct smtp_config config = {.url = scope_printf(s, "smtp://127.0.0.1:%d", sink.port),
        .max_connections = cases[i].connections,
        .start_connections = cases[i].connections};
    run(s, &source, config, 60);
    struct counts counts = sink_stop(&sink);
    int accepted = cases[i].messages - cases[i].suppressed;
    if (!ok(!source.wrong && count(&source, OUTCOME_ACCEPTED) == accepted &&
                count(&source, OUTCOME_SUPPRESS) == cases[i].suppressed &&
                counts.recipients == accepted && counts.repeats <= source.duplicates &&
                (cases[i].retries || !source.retried) &&
                (cases[i].duplicates || !source.duplicates),
            "%s", cases[i].name))
        printf("# accepted %d suppressed %d retried %d duplicates %d wrong %d; sink %ld %ld %ld\n",
            count(&source, OUTCOME_ACCEPTED), count(&source, OUTCOME_SUPPRESS), source.retried,
            source.duplicates, source.wrong, counts.accepted, counts.recipients, counts.repeats);
}

/* A recipient over whom the relay hangs up does not take the others' connections with it. */
static void check_poison(void)
{
    SCOPE(s);
    struct sink sink =
        smtpsink((const char *[]){"--refuse-rcpt", "7@:421 4.7.0 Not with me", NULL});
    struct source source = source_of(s, 200);
    int64_t start = clock_monotonic();
    source.once = true;
    run(s, &source, (struct smtp_config){.url = scope_printf(s, "smtp://127.0.0.1:%d", sink.port)},
        20);
    sink_stop(&sink);
    ok(count(&source, OUTCOME_ACCEPTED) == 180 && count(&source, OUTCOME_RETRY) == 20 &&
            clock_monotonic() - start < 10 * CLOCK_SECOND,
        "421 to some recipients costs no more than their connections");
}

/* ---- Postfix's own sink ---- */

static void check_postfix_sink(void)
{
    SCOPE(s);
    const char *path = access("/usr/sbin/smtp-sink", X_OK) ? NULL : "/usr/sbin/smtp-sink";
    if (!path) {
        ok(true, "smtp-sink # SKIP not installed");
        return;
    }
    char *address = scope_printf(s, "127.0.0.1:%d", free_port());
    const char *argv[] = {path, "-u", "nobody", address, "200", NULL};
    const char *as_user[] = {path, address, "200", NULL};
    struct sink sink = sink_start(geteuid() ? as_user : argv);
    struct source source = source_of(s, 2000);
    run(s, &source, (struct smtp_config){.url = scope_printf(s, "smtp://%s", address)}, 60);
    ok(!source.wrong && count(&source, OUTCOME_ACCEPTED) == 2000,
        "smtp-sink takes all, even if it begins to listen later than we to connect");
    kill(sink.pid, SIGTERM);
    waitpid(sink.pid, NULL, 0);
    fclose(sink.out);
}

/* ---- relays that are not there ---- */

static void check_down(void)
{
    SCOPE(s);
    struct source source = source_of(s, 100);
    struct smtp *smtp;
    struct smtp_config config = {
        .url = scope_printf(s, "smtp://127.0.0.1:%d", free_port()), .helo = "client.example"};
    source.once = true;
    ok(smtp_new(s, &config, (struct smtp_source){next, done, &source}, &smtp) == RC_OK, "new");
    int64_t end = clock_monotonic() + 2 * CLOCK_SECOND;
    while (clock_monotonic() < end)
        smtp_step(smtp, 100, -1);
    ok(source.given <= 4, "a relay that is down is given no messages");
    struct smtp_status status;
    ok(smtp_relay_status(smtp, 0, &status) && status.trouble, "its trouble is reported");
    smtp_drain(smtp, 100);
    ok(!source.wrong && source.open == source.n - source.given &&
            count(&source, OUTCOME_RETRY) == source.given,
        "what was pulled is given back when we drain");
    smtp_free(smtp);
}

static void check_no_auth(void)
{
    SCOPE(s);
    struct sink sink = smtpsink((const char *[]){NULL});
    struct source source = source_of(s, 10);
    struct smtp_config config = {.url = scope_printf(s, "smtp://u:p@127.0.0.1:%d", sink.port),
        .allow_loopback_plain_auth = true};
    source.once = true;
    run(s, &source, config, 1);
    ok(sink_stop(&sink).accepted == 0, "a password and no AUTH offered: nothing is sent");
    sink = smtpsink((const char *[]){NULL});
    config.url = scope_printf(s, "smtp://u:p@127.0.0.1:%d", sink.port);
    config.allow_loopback_plain_auth = false;
    struct source other = source_of(s, 10);
    other.once = true;
    run(s, &other, config, 1);
    ok(sink_stop(&sink).accepted == 0, "a password without TLS: nothing is sent");
}

static void check_envelopes(void)
{
    SCOPE(s);
    struct sink sink = smtpsink((const char *[]){NULL});
    struct source source = source_of(s, 5);
    source.mails[0].rcpt = "a@example.com>\r\nRCPT TO:<b@example.com";
    source.mails[1].rcpt = "";
    source.mails[2].rcpt = "\xc3\xa4@example.com";
    source.mails[3].rcpt = "a b@example.com";
    run(s, &source, (struct smtp_config){.url = scope_printf(s, "smtp://127.0.0.1:%d", sink.port)},
        20);
    struct counts counts = sink_stop(&sink);
    ok(count(&source, OUTCOME_SUPPRESS) == 3 && counts.accepted == 2 && !source.open,
        "an envelope that injects is refused here; UTF-8 goes where it is offered");
}

int main(int argc, char **argv)
{
    SCOPE(s);
    (void)argc;
    sink_path = scope_printf(s, "%s/../../sinks/smtpsink", dirname(scope_strdup(s, argv[0])));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        run_case(i);
    check_poison();
    check_postfix_sink();
    check_envelopes();
    check_no_auth();
    check_down();
    return tap_end();
}
