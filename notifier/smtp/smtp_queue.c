#include "notifier/smtp/smtp_queue.h"

#include <stdlib.h>
#include <string.h>

#include "core/mail/mailaddr.h"

enum { RETURNS_MAX = 8 };

void queue_init(struct queue *queue, struct smtp_source source, int most)
{
    *queue = (struct queue){.source = source, .most = most};
    queue->last = &queue->first;
}

void queue_release(struct queue *queue)
{
    while (queue->spare) {
        struct flight *flight = queue->spare;
        queue->spare = flight->next;
        strbuf_release(&flight->message.wire);
        free(flight);
    }
}

static struct flight *flight_new(struct queue *queue)
{
    struct flight *flight = queue->spare;
    if (flight) {
        queue->spare = flight->next;
        struct strbuf wire = flight->message.wire;
        strbuf_clear(&wire);
        *flight = (struct flight){.message.wire = wire};
        return flight;
    }
    flight = calloc(1, sizeof *flight);
    if (!flight)
        abort();
    strbuf_init(&flight->message.wire, QUEUE_WIRE_MAX);
    return flight;
}

static void flight_spare(struct queue *queue, struct flight *flight)
{
    flight->next = queue->spare;
    queue->spare = flight;
}

static struct flight *pull(struct queue *queue)
{
    if (queue->dry || queue->stopped || (queue->most && queue->in_flight >= queue->most))
        return NULL;
    struct flight *flight = flight_new(queue);
    if (!queue->source.next(queue->source.ctx, &flight->message)) {
        queue->dry = true;
        flight_spare(queue, flight);
        return NULL;
    }
    queue->in_flight++;
    return flight;
}

bool queue_pull(struct queue *queue, int64_t now)
{
    struct flight *flight = pull(queue);
    if (!flight)
        return false;
    flight->held_since = now;
    *queue->last = flight;
    queue->last = &flight->next;
    queue->waiting++;
    return true;
}

static struct flight *pop_waiting(struct queue *queue)
{
    struct flight *flight = queue->first;
    if (!flight)
        return NULL;
    queue->first = flight->next;
    if (!queue->first)
        queue->last = &queue->first;
    queue->waiting--;
    flight->next = NULL;
    return flight;
}

/* Nothing that could end the command or the path (RFC 5321 4.1.2), which curl does not check. */
static bool path_is_clean(const char *path)
{
    for (; *path; path++)
        if ((unsigned char)*path <= ' ' || *path == '<' || *path == '>' || *path == 0x7f)
            return false;
    return true;
}

/* The reply that every relay, or this one, would give to a message that it cannot accept. */
static bool refuses(const struct flight *flight, bool utf8, struct smtp_result *ret)
{
    const struct smtp_message *m = &flight->message;
    if (!path_is_clean(m->mail_from))
        *ret = (struct smtp_result){SMTP_MAIL, 553, {5, 1, 7}, false, "return path is no address"};
    else if (!*m->rcpt || !path_is_clean(m->rcpt) || strlen(m->rcpt) > MAILADDR_MAX)
        *ret = (struct smtp_result){SMTP_RCPT, 553, {5, 1, 3}, false, "recipient is no address"};
    else if (mailaddr_needs_utf8(m->rcpt) && !utf8)
        *ret = (struct smtp_result){SMTP_RCPT, 553, {5, 6, 7}, false, "relay lacks SMTPUTF8"};
    else if (m->wire.overflow || m->wire.len < 2 ||
             memcmp(m->wire.buf + m->wire.len - 2, "\r\n", 2) != 0)
        *ret = (struct smtp_result){SMTP_DATA, 552, {5, 3, 4}, false, "message too large or cut"};
    else
        return false;
    return true;
}

struct flight *queue_take(struct queue *queue, bool utf8)
{
    struct smtp_result result;
    struct flight *flight;
    while ((flight = queue->first ? pop_waiting(queue) : pull(queue))) {
        if (!refuses(flight, utf8, &result))
            return flight;
        queue_finish(queue, flight, &result);
    }
    return NULL;
}

void queue_give_back(
    struct queue *queue, struct flight *flight, const struct smtp_result *result, int64_t now)
{
    if (queue->stopped || ++flight->returned > RETURNS_MAX) {
        queue_finish(queue, flight, result);
        return;
    }
    if (!flight->held_since)
        flight->held_since = now;
    flight->next = queue->first;
    if (!queue->first)
        queue->last = &flight->next;
    queue->first = flight;
    queue->waiting++;
}

void queue_finish(struct queue *queue, struct flight *flight, const struct smtp_result *result)
{
    queue->in_flight--;
    queue->source.done(queue->source.ctx, &flight->message, result);
    flight_spare(queue, flight);
}

void queue_expire(struct queue *queue, int64_t then)
{
    static const struct smtp_result unreachable = {.stage = SMTP_CONNECT};
    while (queue->first && queue->first->held_since <= then)
        queue_finish(queue, pop_waiting(queue), &unreachable);
}
