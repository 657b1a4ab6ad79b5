#pragma once
/* Sinks as processes, and a source of messages that counts how each of them ends. */
#include "notifier/smtp/smtp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "notifier/smtp/smtp_outcome.h"
#include "tests/unit/tap.h"

enum { TRIES_MAX = 60 };

static char *sink_path;

/* ---- processes ---- */

struct sink {
    pid_t pid;
    FILE *out;
    int port;
};

static inline struct sink sink_start(const char *const argv[])
{
    int fds[2];
    struct sink sink = {.pid = -1};
    if (pipe2(fds, O_CLOEXEC))
        abort();
    sink.pid = fork();
    if (!sink.pid) {
        dup2(fds[1], STDOUT_FILENO);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(fds[1]);
    sink.out = fdopen(fds[0], "r");
    return sink;
}

static inline struct sink smtpsink(const char *const *options)
{
    const char *argv[16] = {sink_path};
    for (int i = 0; options[i]; i++)
        argv[i + 1] = options[i];
    struct sink sink = sink_start(argv);
    if (fscanf(sink.out, "ready %d", &sink.port) != 1)
        printf("Bail out! no smtpsink at %s\n", sink_path), exit(1);
    return sink;
}

struct counts {
    long accepted, recipients, repeats, refused, deferred, connections;
};

static inline struct counts sink_stop(struct sink *sink)
{
    struct counts c = {0};
    kill(sink->pid, SIGTERM);
    if (fscanf(sink->out,
            " {\"accepted\":%ld,\"recipients\":%ld,\"repeats\":%ld,\"refused\":%ld,\"deferred\":%"
            "ld,"
            "\"connections\":%ld}",
            &c.accepted, &c.recipients, &c.repeats, &c.refused, &c.deferred, &c.connections) != 6)
        c.accepted = -1;
    waitpid(sink->pid, NULL, 0);
    fclose(sink->out);
    return c;
}

/* A port that nobody listens on, or where we wait for smtp-sink to listen. */
static inline int free_port(void)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&addr, len) || getsockname(fd, (struct sockaddr *)&addr, &len))
        abort();
    close(fd);
    return ntohs(addr.sin_port);
}

/* ---- a source that sends again that may be tried again ---- */

struct mail {
    const char *rcpt;
    int ended; /* times that done was called since the last next */
    int attempts;
    enum outcome_state outcome;
    bool open, due;
};

struct source {
    struct mail *mails;
    int n, given, open;
    int wrong;      /* done without next */
    int duplicates; /* possible ones */
    int retried;
    bool once; /* no retry */
};

static inline bool next(void *ctx, struct smtp_message *m)
{
    struct source *source = ctx;
    int i = 0;
    if (source->given < source->n)
        i = source->given++;
    else
        while (i < source->n && !source->mails[i].due)
            i++;
    if (i == source->n)
        return false;
    struct mail *mail = &source->mails[i];
    mail->due = false;
    mail->open = true;
    mail->attempts++;
    m->owner = mail;
    m->mail_from = "bounces@status.example.com";
    m->rcpt = mail->rcpt;
    strbuf_addf(&m->wire, "To: %s\r\nMessage-ID: <m%d@status.example.com>\r\n\r\n", mail->rcpt, i);
    for (int line = 0; line < 40; line++)
        strbuf_addstr(
            &m->wire, "0123456789012345678901234567890123456789012345678901234567890123\r\n");
    return true;
}

static inline void done(void *ctx, struct smtp_message *m, const struct smtp_result *result)
{
    struct source *source = ctx;
    struct mail *mail = m->owner;
    struct smtp_outcome outcome = smtp_classify(result);
    source->wrong += !mail->open;
    mail->open = false;
    source->duplicates += outcome.possible_duplicate;
    mail->outcome = outcome.state;
    if (outcome.state == OUTCOME_RETRY && !source->once && mail->attempts < TRIES_MAX) {
        mail->due = true;
        source->retried++;
        return;
    }
    mail->ended++;
    source->open--;
}

static inline struct source source_of(struct scope *s, int n)
{
    struct source source = {.mails = SCOPE_ARRAY(s, struct mail, (size_t)n), .n = n, .open = n};
    for (int i = 0; i < n; i++)
        source.mails[i].rcpt = scope_printf(s, "reader-%d@example.com", i);
    return source;
}

static inline int count(const struct source *source, enum outcome_state outcome)
{
    int n = 0;
    for (int i = 0; i < source->n; i++)
        n += source->mails[i].ended == 1 && source->mails[i].outcome == outcome;
    return n;
}

static inline void run(
    struct scope *s, struct source *source, struct smtp_config config, int seconds)
{
    struct smtp *smtp;
    config.helo = "client.example";
    if (smtp_new(s, &config, (struct smtp_source){next, done, source}, &smtp) != RC_OK) {
        ok(false, "%s", s->fault.message);
        return;
    }
    int64_t end = clock_monotonic() + seconds * CLOCK_SECOND;
    while (source->open && clock_monotonic() < end)
        smtp_step(smtp, 100, -1);
    smtp_free(smtp);
}
