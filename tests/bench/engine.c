/*
 * The bare SMTP engine: no database, no templates. The ceiling of the complete pipeline.
 *
 *     engine --url smtp://127.0.0.1:PORT [--messages N] [--size OCTETS]
 *         [--connections N] [--adaptive] [--starttls CA_FILE] [--no-chunking] [--depth N]
 *
 * Sends N unique messages and prints one JSON line. Every message is counted when
 * it ends, and must end exactly once.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/clock.h"
#include "notifier/smtp/smtp.h"

static struct {
    const char *url, *ca_file;
    long messages, size;
    int connections, depth;
    bool adaptive, no_chunking;
} option = {.messages = 20000, .size = 4096, .connections = 20};

static struct {
    long given, accepted, failed, twice;
    bool *ended;
    char **rcpt;
    char *body;
} run;

/* A message of about option.size octets whose Message-ID and recipient are its own. */
static bool next(void *ctx, struct smtp_message *m)
{
    (void)ctx;
    if (run.given == option.messages)
        return false;
    long id = run.given++;
    m->owner = &run.ended[id];
    m->mail_from = "bounces@status.example.com";
    m->rcpt = run.rcpt[id];
    strbuf_addf(&m->wire,
        "From: status@example.com\r\nTo: %s\r\nSubject: An update\r\n"
        "Message-ID: <%ld.1@status.example.com>\r\n\r\n",
        m->rcpt, id);
    strbuf_addstr(&m->wire, run.body);
    return true;
}

static void done(void *ctx, struct smtp_message *m, const struct smtp_result *result)
{
    (void)ctx;
    bool *ended = m->owner;
    run.twice += *ended;
    *ended = true;
    if (result->stage == SMTP_DOT && result->code == 250)
        run.accepted++;
    else
        run.failed++;
}

static void prepare(struct scope *s)
{
    run.ended = SCOPE_ARRAY(s, bool, (size_t)option.messages);
    run.rcpt = SCOPE_ARRAY(s, char *, (size_t)option.messages);
    for (long i = 0; i < option.messages; i++)
        run.rcpt[i] = scope_printf(s, "reader-%ld@example.com", i);
    size_t lines = (size_t)option.size > 200 ? ((size_t)option.size - 160) / 72 : 1;
    run.body = scope_alloc(s, lines * 72 + 1);
    for (size_t i = 0; i < lines; i++)
        memcpy(run.body + i * 72,
            "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eius..\r\n", 72);
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void report(int64_t elapsed, const struct smtp *smtp)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    double cpu = seconds(use.ru_utime) + seconds(use.ru_stime);
    double took = (double)elapsed / 1e6;
    struct smtp_status status;
    int window = 0;
    for (size_t i = 0; smtp_relay_status(smtp, i, &status); i++)
        window += status.window;
    printf("{\"messages\":%ld,\"accepted\":%ld,\"failed\":%ld,\"reported_twice\":%ld,"
           "\"seconds\":%.3f,\"per_second\":%.0f,\"cpu_us_a_message\":%.1f,\"window\":%d}\n",
        option.messages, run.accepted, run.failed, run.twice, took, (double)option.messages / took,
        cpu * 1e6 / (double)option.messages, window);
}

static void read_options(int argc, char **argv)
{
    static const struct option options[] = {
        {.name = "url", .has_arg = required_argument, .val = 'u'},
        {.name = "messages", .has_arg = required_argument, .val = 'n'},
        {.name = "size", .has_arg = required_argument, .val = 's'},
        {.name = "connections", .has_arg = required_argument, .val = 'c'},
        {.name = "adaptive", .has_arg = no_argument, .val = 'a'},
        {.name = "depth", .has_arg = required_argument, .val = 'd'},
        {.name = "no-chunking", .has_arg = no_argument, .val = 'b'},
        {.name = "starttls", .has_arg = required_argument, .val = 't'},
        {.name = NULL},
    };
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'u')
            option.url = optarg;
        else if (c == 'n')
            option.messages = atol(optarg);
        else if (c == 's')
            option.size = atol(optarg);
        else if (c == 'c')
            option.connections = atoi(optarg);
        else if (c == 't')
            option.ca_file = optarg;
        else if (c == 'd')
            option.depth = atoi(optarg);
        else if (c == 'b')
            option.no_chunking = true;
        else if (c == 'a')
            option.adaptive = true;
        else
            exit(64);
    }
}

int main(int argc, char **argv)
{
    SCOPE(s);
    read_options(argc, argv);
    prepare(s);
    struct smtp *smtp;
    struct smtp_config config = {.url = option.url ? option.url : "",
        .helo = "bench.example",
        .max_connections = option.connections,
        .ca_file = option.ca_file,
        .no_chunking = option.no_chunking,
        .depth = option.depth,
        .loopback_tls = option.ca_file != NULL,
        .start_connections = option.adaptive ? 0 : option.connections};
    struct smtp_source source = {.next = next, .done = done};
    if (smtp_new(s, &config, source, &smtp) != RC_OK) {
        fprintf(stderr, "engine: %s\n", s->fault.message);
        return 64;
    }
    int64_t start = clock_monotonic();
    while (run.accepted + run.failed < option.messages)
        smtp_step(smtp, 1000, -1);
    int64_t elapsed = clock_monotonic() - start;
    report(elapsed, smtp);
    smtp_free(smtp);
    return run.twice || run.accepted + run.failed != option.messages;
}
