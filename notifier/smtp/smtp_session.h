#ifndef NOTIFIER_SMTP_SMTP_SESSION_H
#define NOTIFIER_SMTP_SMTP_SESSION_H
/*
 * One SMTP session, opened by libcurl up to and including AUTH
 * (CURLOPT_CONNECT_ONLY in a multi handle, which owns the connection for as long
 * as the session lives) and then read and written by us. Non-blocking.
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
    bool tls;        /* or nothing: never in clear where it was wanted */
    bool pipelining; /* offered in the last EHLO */
    bool chunking;
    bool utf8;
    bool authenticated;
    int code; /* of the last reply while connecting */
};

/* With TLS this much beyond what smtp_session_send tells may have left. */
enum { SMTP_TLS_RECORD = 16 * 1024 };

enum smtp_session_io { SMTP_IO_DONE, SMTP_IO_AGAIN, SMTP_IO_LOST };

/* Begin to connect; owner comes back as CURLINFO_PRIVATE. false: out of handles. */
bool smtp_session_open(struct smtp_session *session, CURLM *multi, const struct relay *relay,
    const struct smtp_config *config, void *owner);

/* libcurl is done with connecting: NULL when the session may be used, else why not (static). */
const char *smtp_session_ready(
    struct smtp_session *session, const struct relay *relay, CURLcode result);

/* Send from bytes + *sent up to len, moving *sent on. After SMTP_IO_AGAIN the same bytes must
 * be offered at the same address: a TLS record may be half written. */
enum smtp_session_io smtp_session_send(
    struct smtp_session *session, const char *bytes, size_t len, size_t *sent);

/* Append what there is to b. SMTP_IO_DONE: something was read. */
enum smtp_session_io smtp_session_read(struct smtp_session *session, struct strbuf *b);

/* Acknowledge at once what was read, which is only worth a packet when nothing is said in
 * answer: a relay whose next segment waits for it (Nagle) else waits 40 ms a message. The
 * kernel forgets the setting, so it is renewed. */
void smtp_session_acknowledge(const struct smtp_session *session);

/* With quit, say QUIT first, without waiting for the answer. */
void smtp_session_close(struct smtp_session *session, bool quit);

#endif
