#include "cli/shell/progress.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"

enum { FIRST_MS = 1000, STEP_MS = 120 };

static struct {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    const char *words; /* NULL: none is running */
    int64_t since;
    bool shown;
} line = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct timespec after(int milliseconds)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t ns = at.tv_nsec + milliseconds * (int64_t)1000000;
    return (struct timespec){.tv_sec = at.tv_sec + ns / 1000000000, .tv_nsec = ns % 1000000000};
}

static void *run(void *unused)
{
    static const char frames[] = "-\\|/";
    (void)unused;
    int wait = FIRST_MS;
    pthread_mutex_lock(&line.lock);
    for (unsigned frame = 0; line.words; frame++, wait = STEP_MS) {
        struct timespec until = after(wait);
        while (line.words && pthread_cond_timedwait(&line.ended, &line.lock, &until) == 0)
            ;
        if (!line.words)
            break;
        int64_t seconds = (clock_monotonic() - line.since) / CLOCK_SECOND;
        fprintf(stderr, "\r\033[K%c %s, %lld s", frames[frame % 4], line.words, (long long)seconds);
        line.shown = true;
    }
    pthread_mutex_unlock(&line.lock);
    return NULL;
}

void progress_begin(const char *words)
{
    pthread_condattr_t monotonic;
    sigset_t all, before;
    if (!words || line.words || !isatty(STDERR_FILENO))
        return;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&line.ended, &monotonic);
    pthread_condattr_destroy(&monotonic);
    line.words = words;
    line.since = clock_monotonic();
    line.shown = false;
    sigfillset(&all); /* signals are for the thread that works */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&line.thread, NULL, run, NULL) != 0)
        line.words = NULL;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void progress_end(void)
{
    if (!line.words)
        return;
    pthread_mutex_lock(&line.lock);
    line.words = NULL;
    pthread_cond_signal(&line.ended);
    pthread_mutex_unlock(&line.lock);
    pthread_join(line.thread, NULL);
    if (line.shown)
        fputs("\r\033[K", stderr);
}
