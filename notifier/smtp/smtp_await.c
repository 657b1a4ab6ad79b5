#include "notifier/smtp/smtp_await.h"

#include <stdlib.h>

#include "core/clock.h"

static const struct {
    enum smtp_stage stage;
    int seconds;
} table[] = {
    [AWAIT_RSET] = {.stage = SMTP_MAIL, .seconds = 60},
    [AWAIT_MAIL] = {.stage = SMTP_MAIL, .seconds = 60},
    [AWAIT_RCPT] = {.stage = SMTP_RCPT, .seconds = 60},
    [AWAIT_DATA] = {.stage = SMTP_DATA, .seconds = 120},
    [AWAIT_DOT] = {.stage = SMTP_DOT, .seconds = 600},
    [AWAIT_SPARE_DOT] = {.stage = SMTP_DOT, .seconds = 600},
    [AWAIT_BDAT] = {.stage = SMTP_DOT, .seconds = 600},
};

void await_push(struct await_queue *queue, enum await what, struct flight *flight)
{
    if (queue->n == AWAIT_MAX)
        abort();
    size_t at = (queue->head + queue->n++) % AWAIT_MAX;
    queue->at[at] = (struct awaited){.what = what, .flight = flight};
}

const struct awaited *await_head(const struct await_queue *queue)
{
    return queue->n ? &queue->at[queue->head] : NULL;
}

struct awaited await_pop(struct await_queue *queue)
{
    struct awaited first = queue->at[queue->head];
    queue->head = (queue->head + 1) % AWAIT_MAX;
    queue->n--;
    return first;
}

void await_forget(struct await_queue *queue, const struct flight *flight)
{
    for (size_t i = 0; i < queue->n; i++) {
        struct awaited *a = &queue->at[(queue->head + i) % AWAIT_MAX];
        if (a->flight == flight)
            a->flight = NULL;
    }
}

bool await_any(const struct await_queue *queue, enum await what)
{
    for (size_t i = 0; i < queue->n; i++)
        if (queue->at[(queue->head + i) % AWAIT_MAX].what == what)
            return true;
    return false;
}

enum smtp_stage await_stage(enum await what)
{
    return table[what].stage;
}

enum smtp_stage await_stage_of(const struct await_queue *queue, const struct flight *flight)
{
    for (size_t i = 0; i < queue->n; i++) {
        const struct awaited *a = &queue->at[(queue->head + i) % AWAIT_MAX];
        if (a->flight == flight)
            return table[a->what].stage;
    }
    return SMTP_MAIL;
}

int64_t await_patience(const struct await_queue *queue)
{
    return queue->n ? table[queue->at[queue->head].what].seconds * CLOCK_SECOND : 0;
}
