#ifndef NOTIFIER_SMTP_SMTP_STEPS_H
#define NOTIFIER_SMTP_SMTP_STEPS_H
/*
 * What the two ways of a transaction share: groups that end in DATA (smtp_data.c; also
 * lock-step) and windows of groups with BDAT (smtp_chunk.c). smtp_conn.c knows which of
 * them a connection goes. Nobody else includes this.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/strbuf.h"
#include "notifier/smtp/reply.h"
#include "notifier/smtp/smtp_conn.h"

/* Send b from its beginning. A relay that answers what it has not read may make us come
 * here while something else is on its way: then the session is lost. */
void conn_send(struct conn *conn, const struct strbuf *b, int64_t now);

/* Append the command for flight and await its reply. */
void conn_add_mail(struct conn *conn, struct strbuf *b, struct flight *flight);
void conn_add_rcpt(struct conn *conn, struct strbuf *b, struct flight *flight);

struct smtp_result conn_result(const struct reply *reply, enum await what);

/* flight has ended: judge the relay, and report. */
void conn_finish(
    struct conn *conn, struct flight *flight, const struct smtp_result *result, int64_t now);
/* Nothing of flight can be delivered: another connection may begin anew. */
void conn_give_back(struct conn *conn, struct flight *flight, const struct smtp_result *result);
/* A reply that refuses a command. */
void conn_refused(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now);

/* Take the next message and send its envelope; idle connections only. */
void data_begin(struct conn *conn, int64_t now);
void data_reply(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now);
void data_lost(struct conn *conn, int64_t now);

/* Take up to most messages into the window and send their groups. */
void chunk_fill(struct conn *conn, int most, int64_t now);
void chunk_reply(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now);
void chunk_lost(struct conn *conn, int64_t now);

#endif
