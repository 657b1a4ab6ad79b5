/* GET /metrics: Prometheus' text format 0.0.4. All but the request counters are read from the
 * database, so every api process reports the same values. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "api/call/call.h"
#include "api/call/measure.h"
#include "api/routes.h"
#include "core/metrics.h"

struct gauges {
    int64_t open_broadcasts, broadcasts_held;
    int64_t oldest_seconds;
    int64_t unacknowledged, unacknowledged_seconds;
    int64_t notifiers;
    int64_t overdue_promises, overdue_posts;
    int64_t sms_segments, sms_refused; /* of this month */
    int64_t outbox, outbox_messages;
    int64_t claims, claim_seconds;
};
static const struct shape gauges_shape = SHAPE("Gauges", struct gauges, FIELD(INT, open_broadcasts),
    FIELD(INT, broadcasts_held), FIELD(INT, oldest_seconds), FIELD(INT, unacknowledged),
    FIELD(INT, unacknowledged_seconds), FIELD(INT, notifiers), FIELD(INT, overdue_promises),
    FIELD(INT, overdue_posts), FIELD(INT, sms_segments), FIELD(INT, sms_refused),
    FIELD(INT, outbox), FIELD(INT, outbox_messages), FIELD(INT, claims), FIELD(INT, claim_seconds));

SHAPE_STATIC(struct ended_count, ended_count_shape, "EndedCount", FIELD(TEXT, channel),
    FIELD(TEXT, reason), FIELD(INT, n));

struct outcome_count {
    const char *channel;
    const char *state;
    const char *class;
    int64_t n;      /* of open broadcasts */
    int64_t minute; /* of the last minute */
    int64_t recent; /* of the last five seconds */
};
static const struct shape outcome_count_shape =
    SHAPE("OutcomeCount", struct outcome_count, FIELD(TEXT, channel), FIELD(TEXT, state),
        FIELD(TEXT, class), FIELD(INT, n), FIELD(INT, minute), FIELD(INT, recent));

SHAPE_STATIC(struct lag, lag_shape, "ChannelLag", FIELD(TEXT, channel), FIELD(INT, seconds));

SHAPE_STATIC(struct sender_now, lane_now_shape, "SenderNow", FIELD(INT, notifier),
    FIELD(TEXT, channel), FIELD(TEXT, host), FIELD(INT, window), FIELD(INT, in_flight),
    FIELD(INT, waiting), FIELD(INT, trouble), FIELD(INT, rate_limited));

STMT(metrics_gauges,
    "SELECT (SELECT count(*) FROM broadcast WHERE state IN ('held', 'sending')) AS open_broadcasts,"
    " (SELECT coalesce(floor(extract(epoch FROM now() - min(not_before))), 0)::bigint"
    "    FROM broadcast WHERE state = 'sending') AS oldest_seconds,"
    " (SELECT count(*) FROM credit WHERE open AND state = 'issued') AS unacknowledged,"
    " (SELECT coalesce(floor(extract(epoch FROM now() - min(issued_at))), 0)::bigint"
    "    FROM credit WHERE open AND state = 'issued') AS unacknowledged_seconds,"
    " (SELECT count(*) FROM amends.notifier_alive JOIN notifier USING (id)) AS notifiers,"
    " (SELECT count(*) FROM broadcast_cursor c JOIN broadcast b ON b.id = c.broadcast_id"
    "    WHERE c.trouble IS NOT NULL AND b.done_at IS NULL) AS broadcasts_held,"
    " (SELECT count(*) FROM amends.notifier_alive JOIN notifier n USING (id) WHERE n.outbox)"
    "   AS outbox,"
    " (SELECT count(*) FROM outbox_message) AS outbox_messages,"
    " (SELECT count(*) FROM claim WHERE state IN ('open', 'accepted')) AS claims,"
    " (SELECT greatest(coalesce(floor(extract(epoch FROM now() - min(at))), 0), 0)::bigint"
    "    FROM claim WHERE state IN ('open', 'accepted')) AS claim_seconds,"
    " (SELECT count(*) FROM promise WHERE met_at IS NULL AND due_at < now()) AS overdue_promises,"
    " (SELECT count(*) FROM held_post WHERE state = 'held'"
    "    AND publish_at < now() - interval '10 seconds') AS overdue_posts,"
    " coalesce(m.segments, 0) AS sms_segments, coalesce(m.refused, 0) AS sms_refused"
    " FROM (SELECT) x LEFT JOIN sms_month m"
    "   ON m.month = date_trunc('month', now() AT TIME ZONE 'UTC')::date",
    .row = &gauges_shape);
STMT(metrics_outcomes,
    "SELECT channel, state, class, sum(n)::bigint AS n, sum(minute)::bigint AS minute,"
    "   sum(recent)::bigint AS recent"
    " FROM (SELECT x.channel::text, x.state::text, x.class,"
    "     CASE WHEN b.done_at IS NULL THEN x.n ELSE 0 END AS n, x.minute, x.recent"
    "   FROM broadcast b, LATERAL (SELECT d.channel, d.state,"
    "       CASE WHEN d.code IS NOT NULL THEN d.code / 100 || 'xx' WHEN d.reason = 'outbox'"
    "         THEN 'outbox' ELSE 'none' END AS class,"
    "       count(*) AS n, count(*) FILTER (WHERE d.settled_at > now() - interval '1 minute')"
    "         AS minute, count(*) FILTER (WHERE d.settled_at > now() - interval '5 seconds')"
    "         AS recent FROM delivery d WHERE d.broadcast_id = b.id GROUP BY 1, 2, 3) x"
    "   WHERE b.done_at IS NULL OR b.done_at > now() - interval '1 minute'"
    "   UNION ALL SELECT channel::text, 'retry', 'none', count(*), 0, 0 FROM delivery_retry"
    "     GROUP BY 1) y GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    .row = &outcome_count_shape);
SHAPE_STATIC(struct inbound_tally, inbound_tally_shape, "InboundTally", FIELD(TEXT, kind),
    FIELD(TEXT, result), FIELD(INT, n));

STMT(metrics_inbound, "SELECT kind, result, n FROM inbound_count ORDER BY kind, result",
    .row = &inbound_tally_shape);

/* suppression_at_idx */
STMT(metrics_suppressions,
    "SELECT channel::text, reason, count(*) AS n FROM suppression"
    " WHERE at > now() - interval '1 hour' GROUP BY 1, 2 ORDER BY 1, 2",
    .row = &ended_count_shape);

/* subscriber_ended_idx */
STMT(metrics_ended,
    "SELECT channel::text, coalesce(state_reason, 'none') AS reason, count(*) AS n FROM subscriber"
    " WHERE state = 'suppressed' AND channel NOT IN ('email', 'sms')"
    " GROUP BY 1, 2 ORDER BY 1, 2",
    .row = &ended_count_shape);
STMT(metrics_lag,
    "SELECT c.channel::text, max(floor(extract(epoch FROM now() - b.not_before)))::bigint"
    "   AS seconds FROM broadcast b JOIN broadcast_cursor c ON c.broadcast_id = b.id"
    " WHERE b.state = 'sending' AND (NOT c.exhausted OR EXISTS (SELECT FROM batch t"
    "     WHERE t.broadcast_id = b.id AND t.channel = c.channel) OR EXISTS (SELECT"
    "     FROM delivery_retry r WHERE r.broadcast_id = b.id AND r.channel = c.channel))"
    " GROUP BY 1 ORDER BY 1",
    .row = &lag_shape);
STMT(metrics_senders,
    "SELECT notifier, channel, host, window_size AS \"window\", in_flight, waiting,"
    "   (trouble IS NOT NULL)::int AS trouble, rate_limited::int AS rate_limited"
    " FROM sender_status WHERE at > now() - interval '30 seconds' ORDER BY 1, 2, 3",
    .row = &lane_now_shape);

SHAPE_STATIC(struct owing, owing_shape, "OwedNow", FIELD(TEXT, incident), FIELD(TEXT, policy),
    FIELD(TEXT, currency), FIELD(INT, minor));

/* liability_open_idx */
STMT(metrics_liability,
    "SELECT i.ref AS incident, p->>'policy' AS policy, x->>'currency' AS currency,"
    "   (x->>'amount_minor')::bigint AS minor"
    " FROM liability l JOIN incident i ON i.id = l.incident_id,"
    "   jsonb_array_elements(l.policies) p, jsonb_array_elements(p->'sums') x"
    " WHERE l.open ORDER BY 1, 2, 3",
    .row = &owing_shape);

static void gauge(struct strbuf *b, const char *name, const char *help, int64_t value)
{
    metric_print_head(b, name, "gauge", help);
    strbuf_addf(b, "%s %" PRId64 "\n", name, value);
}

static void print_gauges(struct strbuf *b, const struct gauges *g)
{
    gauge(b, "amends_broadcasts_open", "Open broadcasts.", g->open_broadcasts);
    gauge(b, "amends_broadcasts_held_by_relay", "Broadcasts whose mails wait for staff.",
        g->broadcasts_held);
    gauge(b, "amends_oldest_undelivered_seconds", "Age of the oldest sending broadcast.",
        g->oldest_seconds);
    gauge(b, "amends_credits_unacknowledged", "Issued credits that billing has not acknowledged.",
        g->unacknowledged);
    gauge(b, "amends_credits_unacknowledged_seconds", "Age of the oldest of them.",
        g->unacknowledged_seconds);
    gauge(b, "amends_claims_waiting", "Claims that wait for a decision or a run.", g->claims);
    gauge(b, "amends_claims_waiting_seconds", "Age of the oldest of them.", g->claim_seconds);
    gauge(b, "amends_notifiers", "Notifiers connected to the database.", g->notifiers);
    gauge(b, "amends_outbox", "Notifiers that keep messages instead of sending them.", g->outbox);
    gauge(b, "amends_outbox_messages", "Messages kept in the outbox.", g->outbox_messages);
    gauge(b, "amends_promises_overdue", "Overdue promised updates.", g->overdue_promises);
    gauge(b, "amends_held_posts_overdue", "Posts held ten seconds beyond their undo window.",
        g->overdue_posts);
    gauge(b, "amends_sms_month_segments", "Segments of SMS this month.", g->sms_segments);
    gauge(b, "amends_sms_month_refused", "Segments over the monthly budget.", g->sms_refused);
}

static void print_by_reason(
    struct strbuf *b, const char *name, const char *help, const struct list *rows)
{
    const struct ended_count *at = rows->at;
    metric_print_head(b, name, "gauge", help);
    for (size_t i = 0; i < rows->n; i++) {
        strbuf_addf(b, "%s{channel=\"%s\",reason=\"", name, at[i].channel);
        metric_print_label(b, at[i].reason);
        strbuf_addf(b, "\"} %" PRId64 "\n", at[i].n);
    }
}

static void print_inbound(struct strbuf *b, const struct inbound_tally *at, size_t n)
{
    metric_print_head(
        b, "amends_inbound_mail_total", "counter", "Inbound mail by kind and result.");
    for (size_t i = 0; i < n; i++)
        strbuf_addf(b, "amends_inbound_mail_total{kind=\"%s\",result=\"%s\"} %" PRId64 "\n",
            at[i].kind, at[i].result, at[i].n);
}

/* Rows are ordered by channel and state; sum up the classes of each. */
static void print_open(struct strbuf *b, const struct outcome_count *at, size_t n)
{
    metric_print_head(b, "amends_deliveries", "gauge", "Outcomes of open broadcasts, and retries.");
    for (size_t i = 0; i < n;) {
        const struct outcome_count *first = &at[i];
        int64_t all = 0;
        for (;
             i < n && !strcmp(at[i].channel, first->channel) && !strcmp(at[i].state, first->state);
             i++)
            all += at[i].n;
        strbuf_addf(b, "amends_deliveries{channel=\"%s\",state=\"%s\"} %" PRId64 "\n",
            first->channel, first->state, all);
    }
}

static void print_minute(struct strbuf *b, const struct outcome_count *at, size_t n)
{
    metric_print_head(b, "amends_outcomes_last_minute", "gauge",
        "Outcomes of the last minute by class of the reply (SMTP or HTTP); outbox: kept, not "
        "sent.");
    for (size_t i = 0; i < n; i++)
        if (strcmp(at[i].state, "retry") != 0)
            strbuf_addf(b,
                "amends_outcomes_last_minute{channel=\"%s\",state=\"%s\",class=\"%s\"} %" PRId64
                "\n",
                at[i].channel, at[i].state, at[i].class, at[i].minute);
}

static void print_rate(struct strbuf *b, const struct outcome_count *at, size_t n)
{
    metric_print_head(b, "amends_outcomes_per_second", "gauge",
        "Outcomes per second over the last five seconds.");
    for (size_t i = 0; i < n;) {
        const char *channel = at[i].channel;
        int64_t recent = 0;
        for (; i < n && !strcmp(at[i].channel, channel); i++)
            recent += at[i].recent;
        strbuf_addf(
            b, "amends_outcomes_per_second{channel=\"%s\"} %.1f\n", channel, (double)recent / 5);
    }
}

static void print_lag(struct strbuf *b, const struct lag *at, size_t n)
{
    metric_print_head(
        b, "amends_lag_seconds", "gauge", "Age of the oldest broadcast waiting for the channel.");
    for (size_t i = 0; i < n; i++)
        strbuf_addf(
            b, "amends_lag_seconds{channel=\"%s\"} %" PRId64 "\n", at[i].channel, at[i].seconds);
}

static const struct {
    const char *name, *help;
    size_t value; /* offset in struct sender_now */
} sender_gauges[] = {
    {"amends_lane_window", "Maximum concurrent connections or transfers.",
        offsetof(struct sender_now, window)},
    {"amends_lane_in_flight", "Messages in flight.", offsetof(struct sender_now, in_flight)},
    {"amends_lane_waiting", "Claimed recipients not yet in flight.",
        offsetof(struct sender_now, waiting)},
    {"amends_lane_trouble", "1 while the other side reports errors.",
        offsetof(struct sender_now, trouble)},
    {"amends_lane_rate_limited", "1 while a configured rate limits it.",
        offsetof(struct sender_now, rate_limited)},
};

static void print_senders(struct strbuf *b, const struct sender_now *at, size_t n)
{
    for (size_t g = 0; g < sizeof sender_gauges / sizeof sender_gauges[0]; g++) {
        metric_print_head(b, sender_gauges[g].name, "gauge", sender_gauges[g].help);
        for (size_t i = 0; i < n; i++) {
            int64_t value;
            memcpy(&value, (const char *)&at[i] + sender_gauges[g].value, sizeof value);
            strbuf_addf(b, "%s{notifier=\"%" PRId64 "\",channel=\"%s\",host=\"",
                sender_gauges[g].name, at[i].notifier, at[i].channel);
            metric_print_label(b, at[i].host);
            strbuf_addf(b, "\"} %" PRId64 "\n", value);
        }
    }
}

static void print_liability(struct strbuf *b, const struct owing *at, size_t n)
{
    metric_print_head(b, "amends_liability_minor", "gauge",
        "Estimated cost of open incidents in minor units of the currency.");
    for (size_t i = 0; i < n; i++)
        strbuf_addf(b,
            "amends_liability_minor{incident=\"%s\",policy=\"%s\",currency=\"%s\"} %" PRId64 "\n",
            at[i].incident, at[i].policy, at[i].currency, at[i].minor);
}

enum rc metrics_get(struct call *c)
{
    struct strbuf *b = &c->reply.body;
    struct gauges g;
    struct list outcomes, lags, senders, ended, inbound, suppressed, owing;
    measure_print(b);
    c->reply.status = 200;
    c->reply.type = "text/plain; version=0.0.4";
    enum rc rc = db_one(c->s, c->db, &metrics_gauges, NO_PARAMS, &g);
    gauge(b, "amends_database_up", "Whether the database is available.", rc == RC_OK);
    /* Omit metrics we cannot read instead of reporting 0. */
    if (rc == RC_RETRY)
        return RC_OK;
    TRY(rc);
    TRY(db_all(c->s, c->db, &metrics_outcomes, NO_PARAMS, &outcomes));
    TRY(db_all(c->s, c->db, &metrics_lag, NO_PARAMS, &lags));
    TRY(db_all(c->s, c->db, &metrics_senders, NO_PARAMS, &senders));
    TRY(db_all(c->s, c->db, &metrics_ended, NO_PARAMS, &ended));
    TRY(db_all(c->s, c->db, &metrics_inbound, NO_PARAMS, &inbound));
    TRY(db_all(c->s, c->db, &metrics_suppressions, NO_PARAMS, &suppressed));
    TRY(db_all(c->s, c->db, &metrics_liability, NO_PARAMS, &owing));
    print_gauges(b, &g);
    print_open(b, outcomes.at, outcomes.n);
    print_minute(b, outcomes.at, outcomes.n);
    print_rate(b, outcomes.at, outcomes.n);
    print_lag(b, lags.at, lags.n);
    print_senders(b, senders.at, senders.n);
    print_by_reason(
        b, "amends_endpoints_ended", "Removed chat and webhook endpoints, by reason.", &ended);
    print_by_reason(b, "amends_suppressions_last_hour",
        "Addresses suppressed within the last hour, by reason.", &suppressed);
    print_inbound(b, inbound.at, inbound.n);
    print_liability(b, owing.at, owing.n);
    return RC_OK;
}
