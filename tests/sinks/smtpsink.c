/*
 * smtpsink: takes mail as fast as one thread can, or as badly as it is told to.
 *
 *     smtpsink [--listen HOST:PORT] [--keep FILE] [--count-only] [--delay-ms N]
 *         [--dot-delay-ms N] [--refuse-rcpt REGEX:REPLY] [--temp-every N]
 *         [--drop-after N] [--goodbye-after N] [--drop-in-body N]
 *         [--refuse-first STAGE:N:REPLY] [--mute] [--goodbye]
 *         [--no-pipelining] [--no-chunking] [--refuse-bdat REPLY]
 *
 * Prints `ready PORT`. SIGUSR1 prints the counts as one JSON line; SIGTERM and
 * SIGINT print them and end. --keep appends each mail as a JSON line
 * {"from","to","data"}, data without dot-stuffing. --temp-every N answers 451 to
 * every Nth final dot; --drop-after N closes without a word behind the Nth mail of
 * a connection, --goodbye-after N says 421 instead; --drop-in-body N cuts the
 * connection in the middle of every Nth mail; --refuse-first answers REPLY to the first N
 * of a STAGE: mail, rcpt, data, end (of a mail); --refuse-bdat REPLY offers CHUNKING and
 * does not know BDAT.
 * --mute accepts connections and never says a word; --goodbye greets with 421.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/sinks/smtp_client.h"

enum { CONNECTIONS = 4096, READ_SIZE = 64 * 1024 };

struct sink_option sink_option = {.host = "127.0.0.1"};
struct sink_counts sink_counts;

static struct client clients[CONNECTIONS];
static char listener_mark, signals_mark; /* addresses that tell events apart */
static int epoll_fd, highest;            /* highest: descriptor of a client so far */
static int64_t now_us;

static int64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void drop(struct client *c)
{
    if (c->fd < 0)
        return;
    close(c->fd);
    c->fd = -1;
}

static void flush_out(struct client *c)
{
    while (c->fd >= 0 && c->sendable) {
        ssize_t n = send(c->fd, c->out.buf, c->sendable, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN)
            return; /* what a client does not read is little: tried again with its next command */
        if (n <= 0) {
            drop(c);
            return;
        }
        strbuf_drop(&c->out, (size_t)n);
        c->sendable -= (size_t)n;
        for (size_t i = 0; i < c->n_late; i++)
            c->late[i].len -= (size_t)n;
    }
    if (c->fd >= 0 && c->closing && !c->out.len)
        drop(c);
}

static void release_late(struct client *c)
{
    size_t done = 0;
    while (done < c->n_late && c->late[done].due <= now_us)
        c->sendable = c->late[done++].len;
    c->n_late -= done;
    memmove(c->late, c->late + done, c->n_late * sizeof c->late[0]);
    if (done)
        flush_out(c);
}

static void on_readable(struct client *c)
{
    bool over = false;
    for (;;) {
        if (!strbuf_reserve(&c->in, READ_SIZE)) {
            drop(c);
            return;
        }
        ssize_t n = recv(c->fd, c->in.buf + c->in.len, READ_SIZE, 0);
        over = n == 0 || (n < 0 && errno != EAGAIN);
        if (n > 0)
            c->in.len += (size_t)n;
        if (n < READ_SIZE)
            break;
    }
    client_answer(c, now_us);
    /* Flush, since a client may look for an accepted mail in the file at once. */
    if (sink_option.keep)
        fflush(sink_option.keep);
    flush_out(c);
    if (over || c->dropped)
        drop(c);
}

/* ---- the rest ---- */

static void print_counts(void)
{
    printf("{\"accepted\":%ld,\"recipients\":%zu,\"repeats\":%ld,\"refused\":%ld,"
           "\"deferred\":%ld,\"connections\":%ld}\n",
        sink_counts.accepted, sink_counts.recipients.n, sink_counts.repeats, sink_counts.refused,
        sink_counts.deferred, sink_counts.connections);
    fflush(stdout);
    if (sink_option.keep)
        fflush(sink_option.keep);
}

static void on_connect(int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (fd >= CONNECTIONS) {
        close(fd);
        return;
    }
    highest = fd > highest ? fd : highest;
    struct client *c = &clients[fd];
    if (!c->in.buf) {
        strbuf_init(&c->in, CLIENT_IN_MAX);
        strbuf_init(&c->out, CLIENT_IN_MAX);
        strbuf_init(&c->from, CLIENT_IN_MAX);
        strbuf_init(&c->to, CLIENT_IN_MAX);
        strbuf_init(&c->text, CLIENT_IN_MAX);
    }
    strbuf_clear(&c->in);
    strbuf_clear(&c->out);
    strbuf_clear(&c->to);
    strbuf_clear(&c->text);
    *c = (struct client){
        .fd = fd, .in = c->in, .out = c->out, .from = c->from, .to = c->to, .text = c->text};
    sink_counts.connections++;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
    client_greet(c, now_us);
    flush_out(c);
}

static int listen_on(const char *host, int port)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t len = sizeof addr;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (inet_pton(AF_INET, host, &addr.sin_addr) != 1 || bind(fd, (struct sockaddr *)&addr, len) ||
        listen(fd, 1024) || getsockname(fd, (struct sockaddr *)&addr, &len)) {
        perror("smtpsink: listen");
        exit(69);
    }
    printf("ready %d\n", ntohs(addr.sin_port));
    fflush(stdout);
    return fd;
}

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void set_refusal(const char *text)
{
    const char *colon = strrchr(text, ':');
    char *pattern = colon ? strndup(text, (size_t)(colon - text)) : NULL;
    if (!pattern || regcomp(&sink_option.refuse, pattern, REG_EXTENDED | REG_NOSUB)) {
        fputs("smtpsink: --refuse-rcpt takes REGEX:REPLY\n", stderr);
        exit(64);
    }
    sink_option.refuse_reply = colon + 1;
    free(pattern);
}

static void set_refuse_first(const char *text)
{
    static const char *const stages[SINK_STAGES] = {"mail:", "rcpt:", "data:", "end:"};
    for (int i = 0; i < SINK_STAGES; i++) {
        size_t len = strlen(stages[i]);
        const char *colon = strncmp(text, stages[i], len) ? NULL : strchr(text + len, ':');
        if (!colon)
            continue;
        sink_option.refuse_first[i].left = atoi(text + len);
        sink_option.refuse_first[i].reply = colon + 1;
        return;
    }
    fputs("smtpsink: --refuse-first takes mail|rcpt|data|end:N:REPLY\n", stderr);
    exit(64);
}

static void set_listen(char *text)
{
    char *colon = strrchr(text, ':');
    sink_option.host = text;
    sink_option.port = colon ? atoi(colon + 1) : 0;
    if (colon)
        *colon = '\0';
}

static void set_keep(const char *path)
{
    sink_option.keep = fopen(path, "a");
    if (sink_option.keep)
        return;
    perror("smtpsink: --keep");
    exit(73);
}

/* Options that are a number, in the order of their codes from 1. */
static int *const numbers[] = {&sink_option.delay_ms, &sink_option.dot_delay_ms,
    &sink_option.temp_every, &sink_option.drop_after, &sink_option.goodbye_after,
    &sink_option.drop_in_body};

static const struct option options[] = {
    {.name = "delay-ms", .has_arg = required_argument, .val = 1},
    {.name = "dot-delay-ms", .has_arg = required_argument, .val = 2},
    {.name = "temp-every", .has_arg = required_argument, .val = 3},
    {.name = "drop-after", .has_arg = required_argument, .val = 4},
    {.name = "goodbye-after", .has_arg = required_argument, .val = 5},
    {.name = "drop-in-body", .has_arg = required_argument, .val = 6},
    {.name = "refuse-first", .has_arg = required_argument, .val = 'f'},
    {.name = "mute", .has_arg = no_argument, .val = 'm'},
    {.name = "goodbye", .has_arg = no_argument, .val = 'g'},
    {.name = "listen", .has_arg = required_argument, .val = 'l'},
    {.name = "keep", .has_arg = required_argument, .val = 'k'},
    {.name = "refuse-rcpt", .has_arg = required_argument, .val = 'r'},
    {.name = "count-only", .has_arg = no_argument, .val = 'c'},
    {.name = "refuse-bdat", .has_arg = required_argument, .val = 'b'},
    {.name = "no-pipelining", .has_arg = no_argument, .val = 'p'},
    {.name = "no-chunking", .has_arg = no_argument, .val = 'n'},
    {.name = NULL},
};

static void read_options(int argc, char **argv)
{
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == '?')
            exit(64);
        if (c <= 6)
            *numbers[c - 1] = atoi(optarg);
        else if (c == 'l')
            set_listen(optarg);
        else if (c == 'k')
            set_keep(optarg);
        else if (c == 'r')
            set_refusal(optarg);
        else if (c == 'f')
            set_refuse_first(optarg);
        else if (c == 'c')
            sink_option.count_only = true;
        else if (c == 'b')
            sink_option.refuse_bdat = optarg;
        else if (c == 'n')
            sink_option.no_chunking = true;
        else if (c == 'm')
            sink_option.mute = true;
        else if (c == 'g')
            sink_option.goodbye = true;
        else
            sink_option.no_pipelining = true;
    }
}

/* Until the next late reply, to the microsecond, for a late reply is what is measured. NULL:
 * none waits. */
static const struct timespec *next_due(struct timespec *left)
{
    int64_t due = INT64_MAX;
    for (int fd = 0; fd <= highest; fd++)
        if (clients[fd].fd >= 0 && clients[fd].n_late && clients[fd].late[0].due < due)
            due = clients[fd].late[0].due;
    if (due == INT64_MAX)
        return NULL;
    int64_t us = due > now_us ? due - now_us : 0;
    *left = (struct timespec){.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    return left;
}

/* true: time to go. */
static bool on_signal(int fd)
{
    struct signalfd_siginfo got;
    bool stop = false;
    while (read(fd, &got, sizeof got) == sizeof got) {
        print_counts();
        stop = got.ssi_signo != SIGUSR1;
    }
    return stop;
}

static void serve(int listener, int signals)
{
    bool may_be_late = sink_option.delay_ms || sink_option.dot_delay_ms;
    for (;;) {
        struct epoll_event events[64];
        struct timespec left;
        int n = epoll_pwait2(epoll_fd, events, 64, may_be_late ? next_due(&left) : NULL, NULL);
        now_us = clock_us();
        for (int i = 0; i < n; i++) {
            if (events[i].data.ptr == &listener_mark)
                on_connect(listener);
            else if (events[i].data.ptr != &signals_mark)
                on_readable(events[i].data.ptr);
            else if (on_signal(signals))
                return;
        }
        for (int fd = 0; may_be_late && fd <= highest; fd++)
            if (clients[fd].fd >= 0)
                release_late(&clients[fd]);
    }
}

static void watch(int fd, void *mark)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    for (int i = 0; i < CONNECTIONS; i++)
        clients[i].fd = -1;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int signals = open_signals();
    int listener = listen_on(sink_option.host, sink_option.port);
    watch(listener, &listener_mark);
    watch(signals, &signals_mark);
    serve(listener, signals);
    return sink_option.keep ? fclose(sink_option.keep) != 0 : 0;
}
