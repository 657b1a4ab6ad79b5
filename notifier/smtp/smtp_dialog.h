#pragma once
/*
 * The dialog on one connection, as the engine drives it: messages are fed to it when there is
 * room, replies are read when the socket is readable. If conn->state is CONN_ENDED after a call,
 * the session is lost, and every message that was in flight has been finished or given back.
 */
#include "notifier/smtp/smtp_conn.h"

/* The session is open; nothing is in flight yet. */
void dialog_opened(struct conn *conn, int64_t now);

/* Take up to most messages, as far as there are any and there is room. */
void dialog_feed(struct conn *conn, int most, int64_t now);

/* The socket is readable, or writable. */
void dialog_readable(struct conn *conn, int64_t now);
void dialog_writable(struct conn *conn, int64_t now);

/* The engine gives the session up. */
void dialog_lost(struct conn *conn, int64_t now);
