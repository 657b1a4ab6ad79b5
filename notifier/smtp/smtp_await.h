#pragma once
/*
 * The replies that a connection still owes us, in the order of the commands. A message that a
 * reply refused has ended: its later entries have no flight.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "notifier/smtp/smtp.h"

struct flight;

enum await {
    AWAIT_RSET,
    AWAIT_MAIL,
    AWAIT_RCPT,
    AWAIT_DATA,
    AWAIT_DOT,
    AWAIT_SPARE_DOT,
    AWAIT_BDAT,
};

struct awaited {
    enum await what;
    struct flight *flight; /* NULL: the message has ended already */
};

/* A full window of CHUNKING groups: RSET MAIL RCPT BDAT each. */
enum { AWAIT_WINDOW = 16, AWAIT_MAX = 4 * AWAIT_WINDOW };

struct await_queue {
    struct awaited at[AWAIT_MAX];
    size_t head, n;
};

void await_push(struct await_queue *queue, enum await what, struct flight *flight);
struct awaited await_pop(struct await_queue *queue);               /* n > 0 */
const struct awaited *await_head(const struct await_queue *queue); /* NULL: none */

/* flight has ended. */
void await_forget(struct await_queue *queue, const struct flight *flight);

/* Is a reply of that kind awaited, for any message? */
bool await_any(const struct await_queue *queue, enum await what);

/* The stage of the first awaited reply of flight; SMTP_MAIL without one. */
enum smtp_stage await_stage_of(const struct await_queue *queue, const struct flight *flight);
enum smtp_stage await_stage(enum await what);

/* How long the first reply may take, in microseconds; RFC 5321 4.5.3.2. */
int64_t await_patience(const struct await_queue *queue);
