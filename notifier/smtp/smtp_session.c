#include "notifier/smtp/smtp_session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum {
    READ_SIZE = 16 * 1024,
    CONNECT_MS = 30 * 1000,
    GREETING_S = 60,
    KEEPALIVE_IDLE_S = 20,
    KEEPALIVE_INTERVAL_S = 10,
    GONE_MS = 60 * 1000, /* a host is gone if it acknowledges nothing for so long */
};

static bool word_is(const char *line, size_t len, const char *word)
{
    size_t n = strlen(word);
    return len >= n && !strncasecmp(line, word, n) && (len == n || line[n] == ' ');
}

/* Every line of every reply while libcurl connects: the capabilities, and whether AUTH took place,
 * which libcurl skips silently if it is not offered. */
static size_t on_line(char *bytes, size_t size, size_t n, void *ctx)
{
    struct smtp_session *session = ctx;
    size_t total = size * n, len = total;
    while (len && (bytes[len - 1] == '\r' || bytes[len - 1] == '\n'))
        len--;
    if (len < 3)
        return total;
    session->code = (bytes[0] - '0') * 100 + (bytes[1] - '0') * 10 + (bytes[2] - '0');
    /* The greeting or the reply to STARTTLS: earlier offers are void (RFC 3207 4.2). */
    if (session->code == 220)
        session->pipelining = session->chunking = session->utf8 = false;
    if (session->code == 235)
        session->authenticated = true;
    if (session->code == 250 && len > 4) {
        session->pipelining |= word_is(bytes + 4, len - 4, "PIPELINING");
        session->chunking |= word_is(bytes + 4, len - 4, "CHUNKING");
        session->utf8 |= word_is(bytes + 4, len - 4, "SMTPUTF8");
    }
    return total;
}

static bool wants_tls(const struct relay *relay, const struct smtp_config *config)
{
    if (!strncmp(relay->url, "smtps:", 6) || !relay->loopback || config->loopback_tls)
        return true;
    return relay->password && !config->allow_loopback_plain_auth;
}

/* A relay may take ten minutes for the final reply, but its kernel acknowledges meanwhile: a host
 * that has vanished must not hold its messages for so long. */
static int set_patience(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
    (void)ctx, (void)purpose;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &(unsigned){GONE_MS}, sizeof(unsigned));
    return CURL_SOCKOPT_OK;
}

bool smtp_session_open(struct smtp_session *session, CURLM *multi, const struct relay *relay,
    const struct smtp_config *config, void *owner)
{
    CURL *easy = curl_easy_init();
    if (!easy)
        return false;
    *session = (struct smtp_session){
        .multi = multi, .easy = easy, .fd = -1, .tls = wants_tls(relay, config)};
    curl_easy_setopt(easy, CURLOPT_URL, relay->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, owner);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    /* No signal handling: sends have MSG_NOSIGNAL, and each call saves two sigactions. */
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_IDLE_S);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_INTERVAL_S);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, set_patience);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)GREETING_S);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, session);
    curl_easy_setopt(
        easy, CURLOPT_USE_SSL, session->tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (config->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
    if (relay->password) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, relay->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, relay->password);
    }
    if (curl_multi_add_handle(multi, easy) == CURLM_OK)
        return true;
    curl_easy_cleanup(TAKE(session->easy));
    return false;
}

const char *smtp_session_ready(
    struct smtp_session *session, const struct relay *relay, CURLcode result)
{
    if (result != CURLE_OK)
        return curl_easy_strerror(result);
    if (relay->password && !session->authenticated)
        return "the relay offers no AUTH";
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(session->easy, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK || fd < 0)
        return "the relay closed the connection";
    session->fd = fd;
    return NULL;
}

enum smtp_session_io smtp_session_send(
    struct smtp_session *session, const char *bytes, size_t len, size_t *sent)
{
    while (*sent < len) {
        size_t n = 0, some = len - *sent;
        if (session->tls && some > SMTP_TLS_RECORD)
            some = SMTP_TLS_RECORD; /* so that *sent is right to within a record */
        CURLcode rc = curl_easy_send(session->easy, bytes + *sent, some, &n);
        if (rc == CURLE_AGAIN)
            return SMTP_IO_AGAIN;
        if (rc != CURLE_OK)
            return SMTP_IO_LOST;
        *sent += n;
    }
    return SMTP_IO_DONE;
}

void smtp_session_acknowledge(const struct smtp_session *session)
{
    setsockopt(session->fd, IPPROTO_TCP, TCP_QUICKACK, &(int){1}, sizeof(int));
}

enum smtp_session_io smtp_session_read(struct smtp_session *session, struct strbuf *b)
{
    bool any = false;
    for (;;) {
        if (!strbuf_reserve(b, READ_SIZE))
            return SMTP_IO_LOST;
        size_t n = 0;
        CURLcode rc = curl_easy_recv(session->easy, b->buf + b->len, READ_SIZE, &n);
        if (rc == CURLE_AGAIN)
            break;
        if (rc != CURLE_OK || !n)
            return any ? SMTP_IO_DONE : SMTP_IO_LOST;
        any = true;
        b->len += n;
        b->buf[b->len] = '\0';
        /* TLS may have decrypted more, which poll does not see; a plain socket reports it. */
        if (!session->tls && n < READ_SIZE)
            break;
    }
    return any ? SMTP_IO_DONE : SMTP_IO_AGAIN;
}

void smtp_session_close(struct smtp_session *session, bool quit)
{
    if (!session->easy)
        return;
    size_t sent = 0;
    if (quit)
        smtp_session_send(session, "QUIT\r\n", 6, &sent);
    /* Removing a connect-only handle closes its connection. */
    curl_multi_remove_handle(session->multi, session->easy);
    curl_easy_cleanup(TAKE(session->easy));
    session->fd = -1;
}
