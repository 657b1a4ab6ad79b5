#include "notifier/smtp/smtp.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "core/clock.h"
#include "notifier/smtp/smtp_assign.h"
#include "notifier/smtp/smtp_dialog.h"

enum {
    WINDOW_START = 4,
    WINDOW_CEILING = 20,
    EVENTS_MAX = 64,
};

/* ---- reports of the connections ---- */

static void host_finish(void *ctx, struct flight *flight, const struct smtp_result *result)
{
    struct smtp *smtp = ctx;
    queue_finish(&smtp->queue, flight, result);
}

static void host_give_back(void *ctx, struct flight *flight, const struct smtp_result *result)
{
    struct smtp *smtp = ctx;
    queue_give_back(&smtp->queue, flight, result, smtp->now);
}

/* ---- connecting ---- */

static void connect_failed(struct smtp *smtp, struct conn *conn, const char *why)
{
    int code = conn->session.code;
    relay_trouble(conn->relay, why, code);
    assign_close(smtp, conn, false);
    if (code >= 400 && conn->relay->open)
        relay_full(conn->relay, smtp->now);
    else
        relay_down(conn->relay, smtp->now);
}

static void watch(struct smtp *smtp, int op, int fd, uint32_t events, struct conn *conn)
{
    struct epoll_event event = {.events = events, .data.ptr = conn};
    if (fd >= 0)
        epoll_ctl(smtp->epoll_fd, op, fd, &event);
}

/* Connections that libcurl has opened, or failed to. */
static void collect_connected(struct smtp *smtp)
{
    int left = 0;
    CURLMsg *msg;
    while ((msg = curl_multi_info_read(smtp->multi, &left))) {
        struct conn *conn = NULL;
        if (msg->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&conn);
        const char *why = smtp_session_ready(&conn->session, conn->relay, msg->data.result);
        if (why) {
            connect_failed(smtp, conn, why);
            continue;
        }
        smtp->connecting--;
        conn->relay->connecting--;
        dialog_opened(conn, smtp->now);
        watch(smtp, EPOLL_CTL_ADD, conn->session.fd, EPOLLIN, conn);
        relay_up(conn->relay);
        if (conn->draining)
            continue;
        conn->relay->open++;
        dialog_feed(conn, 1, smtp->now);
    }
}

/* ---- waiting ---- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Until the next deadline, at most timeout_ms. */
static int wait_ms(const struct smtp *smtp, int timeout_ms)
{
    int64_t due = smtp->now + (int64_t)timeout_ms * 1000;
    for (size_t i = 0; i < smtp->n_conns; i++)
        if (smtp->conns[i].state == CONN_OPEN)
            due = earlier(due, smtp->conns[i].deadline);
    for (size_t i = 0; i < smtp->n_relays; i++)
        if (smtp->relays[i].not_before > smtp->now)
            due = earlier(due, smtp->relays[i].not_before);
    return due <= smtp->now ? 0 : (int)((due - smtp->now + 999) / 1000);
}

static void watch_wake(struct smtp *smtp, int wake_fd)
{
    if (smtp->wake_fd == wake_fd)
        return;
    watch(smtp, EPOLL_CTL_DEL, smtp->wake_fd, 0, NULL);
    watch(smtp, EPOLL_CTL_ADD, wake_fd, EPOLLIN, NULL);
    smtp->wake_fd = wake_fd;
}

/* Connections that could not send everything are watched until they can. */
static void watch_writers(struct smtp *smtp)
{
    for (size_t i = 0; i < smtp->n_conns; i++) {
        struct conn *conn = &smtp->conns[i];
        bool writes = conn->state == CONN_OPEN && conn->sending;
        if (conn->state != CONN_OPEN || writes == conn->watched_out)
            continue;
        uint32_t events = writes ? EPOLLIN | EPOLLOUT : EPOLLIN;
        watch(smtp, EPOLL_CTL_MOD, conn->session.fd, events, conn);
        conn->watched_out = writes;
    }
}

/* libcurl waits for the connections that are being opened, and for the epoll set of those that
 * are open. */
static int wait_for_relays(struct smtp *smtp, struct epoll_event *events, int timeout_ms)
{
    if (smtp->connecting) {
        struct curl_waitfd ours = {.fd = smtp->epoll_fd, .events = CURL_WAIT_POLLIN};
        curl_multi_poll(smtp->multi, &ours, 1, timeout_ms, NULL);
        timeout_ms = 0;
    }
    return epoll_wait(smtp->epoll_fd, events, EVENTS_MAX, timeout_ms);
}

static void serve_ready(struct smtp *smtp, const struct epoll_event *events, int n)
{
    smtp->woken = false;
    for (int i = 0; i < n; i++) {
        struct conn *conn = events[i].data.ptr;
        if (!conn) {
            smtp->woken = true;
            continue;
        }
        if ((events[i].events & EPOLLOUT) && conn->state == CONN_OPEN)
            dialog_writable(conn, smtp->now);
        if ((events[i].events & ~(uint32_t)EPOLLOUT) && conn->state == CONN_OPEN)
            dialog_readable(conn, smtp->now);
    }
}

/* Close connections that have ended, are idle for too long, or get no answer. */
static void sweep(struct smtp *smtp)
{
    for (size_t i = 0; i < smtp->n_conns; i++) {
        struct conn *conn = &smtp->conns[i];
        bool idle = conn_is_idle(conn);
        bool late = conn->state == CONN_OPEN && conn->deadline <= smtp->now;
        if (idle && (late || conn->draining)) {
            assign_close(smtp, conn, true);
            continue;
        }
        if (late) {
            relay_shrink(conn->relay, smtp->now);
            dialog_lost(conn, smtp->now);
        }
        if (conn->state != CONN_ENDED)
            continue;
        if (conn->failed) {
            relay_trouble(conn->relay, late ? "no answer" : "connection lost", 0);
            relay_down(conn->relay, smtp->now);
        }
        assign_close(smtp, conn, false);
    }
}

/* ---- the interface ---- */

/* A silent relay keeps its messages until its time is up, so all relays but one may hold three
 * quarters of the messages together. */
static int relay_most(int most, size_t n_relays)
{
    if (!most || n_relays == 1)
        return most;
    int share = most * 3 / 4 / ((int)n_relays - 1);
    return share ? share : 1;
}

enum rc smtp_new(
    struct scope *s, const struct smtp_config *config, struct smtp_source source, struct smtp **ret)
{
    struct smtp_config c = *config;
    c.max_connections = c.max_connections > 0 ? c.max_connections : WINDOW_CEILING;
    c.start_connections = c.start_connections > 0 ? c.start_connections : WINDOW_START;
    struct relay *relays;
    size_t n_relays;
    TRY(relay_parse(s, c.url, c.helo, c.start_connections, c.max_connections, &relays, &n_relays));
    CURLM *multi = curl_multi_init();
    if (!multi)
        return fail(s, RC_INTERNAL, "libcurl gives no handle");
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) {
        curl_multi_cleanup(multi);
        return fail(s, RC_INTERNAL, "epoll: %m");
    }
    /* Room for connections that drain beside those that replace them. */
    size_t n = (size_t)c.max_connections * (n_relays + 1);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)(2 * n));
    struct smtp *smtp = SCOPE_NEW(s, struct smtp);
    *smtp = (struct smtp){.config = c,
        .relays = relays,
        .n_relays = n_relays,
        .relay_most = relay_most(c.most, n_relays),
        .multi = multi,
        .conns = SCOPE_ARRAY(s, struct conn, n),
        .n_conns = n,
        .epoll_fd = epoll_fd,
        .wake_fd = -1,
        .now = clock_monotonic()};
    smtp->config.url = NULL;
    smtp->config.helo = NULL;
    smtp->config.ca_file = scope_strdup(s, c.ca_file);
    smtp->host = (struct conn_host){
        .take = assign_take, .finish = host_finish, .give_back = host_give_back, .ctx = smtp};
    for (size_t i = 0; i < n; i++)
        conn_init(&smtp->conns[i]);
    for (size_t i = 0; i < n_relays; i++) {
        relays[i].no_chunking = c.no_chunking;
        relays[i].depth = c.depth ? c.depth : relays[i].depth;
        relays[i].fixed_depth = c.depth > 0;
    }
    queue_init(&smtp->queue, source, c.most);
    *ret = smtp;
    return RC_OK;
}

bool smtp_step(struct smtp *smtp, int timeout_ms, int wake_fd)
{
    struct epoll_event events[EVENTS_MAX];
    smtp->now = clock_monotonic();
    assign(smtp);
    watch_wake(smtp, wake_fd);
    watch_writers(smtp);
    int n = wait_for_relays(smtp, events, wait_ms(smtp, timeout_ms));
    smtp->now = clock_monotonic();
    serve_ready(smtp, events, n);
    if (smtp->connecting) {
        curl_multi_perform(smtp->multi, &(int){0});
        collect_connected(smtp);
    }
    sweep(smtp);
    return smtp->woken;
}

void smtp_drain(struct smtp *smtp, int timeout_ms)
{
    int64_t end = clock_monotonic() + (int64_t)timeout_ms * 1000;
    smtp->queue.stopped = true;
    queue_expire(&smtp->queue, INT64_MAX);
    while (smtp->queue.in_flight && clock_monotonic() < end)
        smtp_step(smtp, (int)((end - clock_monotonic()) / 1000) + 1, -1);
    for (size_t i = 0; i < smtp->n_conns; i++) {
        struct conn *conn = &smtp->conns[i];
        if (conn->state == CONN_FREE)
            continue;
        bool idle = conn_is_idle(conn);
        if (conn->state == CONN_OPEN && !idle)
            dialog_lost(conn, smtp->now);
        assign_close(smtp, conn, idle);
    }
}

void smtp_free(struct smtp *smtp)
{
    smtp_drain(smtp, 0);
    for (size_t i = 0; i < smtp->n_conns; i++)
        conn_release(&smtp->conns[i]);
    queue_release(&smtp->queue);
    curl_multi_cleanup(smtp->multi);
    close(smtp->epoll_fd);
    for (size_t i = 0; i < smtp->n_relays; i++)
        relay_release(&smtp->relays[i]);
}

bool smtp_relay_status(const struct smtp *smtp, size_t n, struct smtp_status *ret)
{
    if (n >= smtp->n_relays)
        return false;
    const struct relay *relay = &smtp->relays[n];
    const struct smtp_allowance *allowance = smtp->config.allowance;
    *ret = (struct smtp_status){.relay = relay->name,
        .connections = relay->open,
        .window = relay_serves(relay, smtp->now) ? relay->window : 0,
        .in_flight = relay->in_flight,
        .rate_limited = allowance && atomic_load(&allowance[n].wanted),
        .trouble = relay->trouble.len ? relay->trouble.buf : NULL};
    return true;
}
