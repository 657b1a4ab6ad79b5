#pragma once
/*
 * One SMTP session, opened by libcurl up to and including AUTH
 * (CURLOPT_CONNECT_ONLY in a multi handle, which owns the connection for the life of the session)
 * and then read and written by the engine. Non-blocking.
 */
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/scope.h"
#include "core/strbuf.h"
#include "notifier/smtp/smtp.h"
#include "notifier/smtp/smtp_relay.h"

struct smtp_session {
    CURLM *multi;
    CURL *easy; /* NULL: no session */
    int fd;
    bool tls;        /* required: the session is never in clear */
    bool pipelining; /* offered in the last EHLO */
    bool chunking;
    bool utf8;
    bool authenticated;
    int code; /* of the last reply while connecting */
};

/* With TLS, up to this number of octets more than smtp_session_send reports may have been sent. */
enum { SMTP_TLS_RECORD = 16 * 1024 };

enum smtp_session_io { SMTP_IO_DONE, SMTP_IO_AGAIN, SMTP_IO_LOST };

/* Begin to connect; owner comes back as CURLINFO_PRIVATE. false: out of handles. */
bool smtp_session_open(struct smtp_session *session, CURLM *multi, const struct relay *relay,
    const struct smtp_config *config, void *owner);

/* libcurl has connected, or failed to: NULL when the session may be used, else why not (static). */
const char *smtp_session_ready(
    struct smtp_session *session, const struct relay *relay, CURLcode result);

/* Send from bytes + *sent up to len, and advance *sent. After SMTP_IO_AGAIN send the same bytes
 * from the same address: a TLS record may be partly written. */
enum smtp_session_io smtp_session_send(
    struct smtp_session *session, const char *bytes, size_t len, size_t *sent);

/* Append the octets received to b. SMTP_IO_DONE: there were some. */
enum smtp_session_io smtp_session_read(struct smtp_session *session, struct strbuf *b);

/* Acknowledge the octets read at once, which is worth a packet only if nothing is sent in answer:
 * otherwise a relay whose next segment waits for it (Nagle) waits 40 ms per message. The kernel
 * forgets the setting, so it is renewed. */
void smtp_session_acknowledge(const struct smtp_session *session);

/* With quit, send QUIT first, without waiting for the reply. */
void smtp_session_close(struct smtp_session *session, bool quit);
