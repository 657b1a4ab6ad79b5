#pragma once
/* Windows of transactions with BDAT (RFC 3030). */
#include "notifier/smtp/smtp_conn.h"

/* Take up to most messages into the window and send their groups. */
void chunk_fill(struct conn *conn, int most, int64_t now);
void chunk_reply(struct conn *conn, struct awaited e, const struct reply *reply, int64_t now);
/* The session is lost: finish what was in flight, or give it back. */
void chunk_lost(struct conn *conn, int64_t now);
