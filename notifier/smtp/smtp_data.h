#pragma once
/* Transactions that end in DATA (RFC 5321 4.1.1.4), pipelined (RFC 2920) or in lock-step. */
#include "notifier/smtp/smtp_conn.h"

/* Take the next message and send its envelope; idle connections only. */
void data_begin(struct conn *conn, int64_t now);
void data_reply(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now);
/* The session is lost: finish what was in flight, or give it back. */
void data_lost(struct conn *conn, int64_t now);
