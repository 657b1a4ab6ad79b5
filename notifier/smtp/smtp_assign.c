#include "notifier/smtp/smtp_assign.h"

#include "core/clock.h"
#include "notifier/smtp/smtp_dialog.h"

enum { HOLD_S = 30 /* a message waits no longer for any relay to return */ };

/* ---- which relay is next ---- */

static bool has_idle(const struct smtp *smtp, const struct relay *relay)
{
    for (size_t i = 0; i < smtp->n_conns; i++)
        if (smtp->conns[i].relay == relay && conn_is_idle(&smtp->conns[i]) &&
            !smtp->conns[i].draining)
            return true;
    return false;
}

static struct smtp_allowance *allowance_of(const struct smtp *smtp, const struct relay *relay)
{
    return smtp->config.allowance ? &smtp->config.allowance[relay - smtp->relays] : NULL;
}

/* May more than the pending messages be given to the relay? */
static bool is_allowed(const struct smtp *smtp, const struct relay *relay, int pending)
{
    struct smtp_allowance *allowance = allowance_of(smtp, relay);
    if (!allowance)
        return true;
    bool allowed = atomic_load(&allowance->left) > pending;
    if (allowed == atomic_load(&allowance->wanted))
        atomic_store(&allowance->wanted, !allowed);
    return allowed;
}

static bool is_limited(const struct smtp *smtp)
{
    bool limited = false;
    for (size_t i = 0; smtp->config.allowance && i < smtp->n_relays; i++)
        limited = limited || atomic_load(&smtp->config.allowance[i].wanted);
    return limited;
}

/* Is another relay due before this one, with an idle connection? */
static bool goes_to_another(const struct smtp *smtp, const struct relay *relay)
{
    for (size_t i = 0; smtp->n_relays > 1 && i < smtp->n_relays; i++) {
        const struct relay *other = &smtp->relays[i];
        if (other->weight && other->turn < relay->turn && other->open &&
            other->paused_until <= smtp->now && is_allowed(smtp, other, 0) && has_idle(smtp, other))
            return true;
    }
    return false;
}

struct flight *assign_take(void *ctx, struct conn *conn)
{
    struct smtp *smtp = ctx;
    struct relay *relay = conn->relay;
    if (relay->connections > relay->window)
        conn_drain(conn);
    if (conn->draining || relay->paused_until > smtp->now || goes_to_another(smtp, relay))
        return NULL;
    if (!is_allowed(smtp, relay, 0) || (smtp->relay_most && relay->in_flight >= smtp->relay_most))
        return NULL;
    struct flight *flight = queue_take(&smtp->queue, conn->session.utf8);
    struct smtp_allowance *allowance = allowance_of(smtp, relay);
    if (!flight)
        return NULL;
    relay->in_flight++;
    relay_took(relay, smtp->relays, smtp->n_relays);
    if (allowance)
        atomic_fetch_sub(&allowance->left, 1);
    return flight;
}

/* ---- opening and closing ---- */

static struct conn *free_conn(struct smtp *smtp)
{
    for (size_t i = 0; i < smtp->n_conns; i++)
        if (smtp->conns[i].state == CONN_FREE)
            return &smtp->conns[i];
    return NULL;
}

static bool open_conn(struct smtp *smtp, struct relay *relay)
{
    struct conn *conn = free_conn(smtp);
    if (!conn || !smtp_session_open(&conn->session, smtp->multi, relay, &smtp->config, conn))
        return false;
    conn->state = CONN_CONNECTING;
    conn->host = &smtp->host;
    conn->relay = relay;
    conn->draining = false;
    conn->timeout_ms = smtp->config.reply_timeout_ms;
    relay->connections++;
    relay->connecting++;
    smtp->connecting++;
    return true;
}

void assign_close(struct smtp *smtp, struct conn *conn, bool quit)
{
    struct relay *relay = conn->relay;
    if (!conn->draining) {
        relay->connections--;
        relay->open -= conn->state != CONN_CONNECTING;
    }
    if (conn->state == CONN_CONNECTING) {
        relay->connecting--;
        smtp->connecting--;
    }
    smtp_session_close(&conn->session, quit);
    conn->state = CONN_FREE;
}

/* ---- which relay, how many connections ---- */

/* Relays of weight 0 serve while no other does. */
static bool any_weighted(const struct smtp *smtp)
{
    for (size_t i = 0; i < smtp->n_relays; i++)
        if (smtp->relays[i].weight && relay_serves(&smtp->relays[i], smtp->now))
            return true;
    return false;
}

/* A relay with a weight answers again: the connections of relays without one end after the
 * messages that they hold. */
static void drain_stand_ins(struct smtp *smtp)
{
    bool open = false;
    for (size_t i = 0; i < smtp->n_relays; i++)
        open = open || (smtp->relays[i].weight && smtp->relays[i].open);
    for (size_t i = 0; open && i < smtp->n_conns; i++) {
        struct conn *conn = &smtp->conns[i];
        if (conn->state != CONN_FREE && !conn->relay->weight)
            conn_drain(conn);
    }
}

/* The relay to open the next connection to, or NULL. A relay without any comes first, so that it
 * gets its share of few messages, too. */
static struct relay *relay_to_open(struct smtp *smtp, bool weighted, bool first)
{
    struct relay *best = NULL;
    for (size_t i = 0; i < smtp->n_relays; i++) {
        struct relay *relay = &smtp->relays[i];
        bool fits = !relay->weight == !weighted && relay->up && relay->not_before <= smtp->now &&
                    relay_serves(relay, smtp->now) && relay->connections < relay->window &&
                    (!first || !relay->connections);
        if (!fits || !is_allowed(smtp, relay, relay->connecting))
            continue;
        if (!best || relay->connecting < best->connecting ||
            (relay->connecting == best->connecting && relay->turn < best->turn))
            best = relay;
    }
    return best;
}

/* Open a connection for each message that has none. */
static void add_connections(struct smtp *smtp, bool weighted, bool first)
{
    struct relay *relay;
    while ((relay = relay_to_open(smtp, weighted, first))) {
        if (smtp->queue.waiting <= smtp->connecting && !queue_pull(&smtp->queue, smtp->now))
            return;
        if (!open_conn(smtp, relay))
            return;
    }
}

/* A relay that was down gets a single connection as a probe, and no message waits for it. */
static void probe(struct smtp *smtp)
{
    for (size_t i = 0; i < smtp->n_relays && !smtp->queue.stopped; i++)
        if (relay_wants_probe(&smtp->relays[i], smtp->now))
            open_conn(smtp, &smtp->relays[i]);
}

/* Idle connections first, one message each, then all that have room. */
static void feed(struct smtp *smtp, bool idle)
{
    int most = idle ? 1 : AWAIT_WINDOW, before;
    do {
        before = smtp->queue.in_flight - smtp->queue.waiting;
        for (size_t i = 0; i < smtp->n_conns; i++) {
            if (smtp->queue.dry && !smtp->queue.waiting)
                return;
            if (conn_is_idle(&smtp->conns[i]) == idle)
                dialog_feed(&smtp->conns[i], most, smtp->now);
        }
    } while (idle && smtp->n_relays > 1 && smtp->queue.in_flight - smtp->queue.waiting > before);
}

void assign(struct smtp *smtp)
{
    smtp->queue.dry = false;
    bool weighted = any_weighted(smtp);
    drain_stand_ins(smtp);
    probe(smtp);
    add_connections(smtp, weighted, true);
    feed(smtp, true);
    add_connections(smtp, weighted, false);
    feed(smtp, false);
    if (smtp->queue.waiting && !is_limited(smtp))
        queue_expire(&smtp->queue, smtp->now - HOLD_S * CLOCK_SECOND);
}
