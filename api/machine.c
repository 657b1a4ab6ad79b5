/* For machines that watch us: /healthz /readyz /metrics /openapi.json, and POST /v1/keys. */
#include <inttypes.h>

#include "api/call.h"
#include "api/lookup.h"
#include "api/measure.h"
#include "api/openapi.h"
#include "api/resources.h"
#include "core/metrics.h"

STMT(ready_check, "SELECT 1 FROM schema_migration LIMIT 1");

static enum rc reply_text(struct call *c, const char *type)
{
    c->reply.status = 200;
    c->reply.type = type;
    return RC_OK;
}

enum rc health_get(struct call *c)
{
    strbuf_addstr(&c->reply.body, "ok\n");
    return reply_text(c, "text/plain");
}

enum rc ready_get(struct call *c)
{
    if (db_do(c->s, c->db, &ready_check, NO_PARAMS, NULL) != RC_OK)
        return fail(c->s, RC_RETRY, "the database does not answer");
    strbuf_addstr(&c->reply.body, "ready\n");
    return reply_text(c, "text/plain");
}

enum rc openapi_get(struct call *c)
{
    openapi_print(&c->reply.body, c->api->public_url);
    return reply_text(c, "application/json");
}

struct gauges {
    int64_t open_broadcasts;
    int64_t oldest_seconds;
    int64_t unacknowledged;
    int64_t overdue_promises;
};
#define SHAPE_STRUCT struct gauges
static const struct field gauges_fields[] = {FIELD(INT, open_broadcasts),
    FIELD(INT, oldest_seconds), FIELD(INT, unacknowledged), FIELD(INT, overdue_promises)};
static const struct shape gauges_shape = SHAPE("Gauges", gauges_fields);
#undef SHAPE_STRUCT

struct delivery_count {
    const char *channel;
    const char *state;
    int64_t n;
};
#define SHAPE_STRUCT struct delivery_count
static const struct field delivery_count_fields[] = {
    FIELD(TEXT, channel), FIELD(TEXT, state), FIELD(INT, n)};
static const struct shape delivery_count_shape = SHAPE("DeliveryCount", delivery_count_fields);
#undef SHAPE_STRUCT

STMT(metrics_gauges,
    "SELECT (SELECT count(*) FROM broadcast WHERE state IN ('held', 'sending')) AS open_broadcasts,"
    " (SELECT coalesce(floor(extract(epoch FROM now() - min(not_before))), 0)::bigint"
    "    FROM broadcast WHERE state = 'sending') AS oldest_seconds,"
    " (SELECT count(*) FROM credit WHERE state = 'issued') AS unacknowledged,"
    " (SELECT count(*) FROM promise WHERE met_at IS NULL AND due_at < now()) AS overdue_promises",
    .row = &gauges_shape);
STMT(metrics_deliveries,
    "SELECT channel::text, state, sum(n)::bigint AS n FROM ("
    "   SELECT d.channel, d.state::text, count(*) AS n FROM delivery d JOIN broadcast b"
    "       ON b.id = d.broadcast_id WHERE b.state IN ('held', 'sending') GROUP BY 1, 2"
    "   UNION ALL SELECT channel, 'retry', count(*) FROM delivery_retry GROUP BY 1) x"
    " GROUP BY 1, 2 ORDER BY 1, 2",
    .row = &delivery_count_shape);

static void gauge(struct strbuf *b, const char *name, const char *help, int64_t value)
{
    metric_print_head(b, name, "gauge", help);
    strbuf_addf(b, "%s %" PRId64 "\n", name, value);
}

enum rc metrics_get(struct call *c)
{
    struct strbuf *b = &c->reply.body;
    struct gauges g;
    struct list counts;
    measure_print(b);
    TRY(db_one(c->s, c->db, &metrics_gauges, NO_PARAMS, &g));
    TRY(db_all(c->s, c->db, &metrics_deliveries, NO_PARAMS, &counts));
    gauge(b, "amends_broadcasts_open", "Broadcasts that are not done.", g.open_broadcasts);
    gauge(b, "amends_oldest_undelivered_seconds", "Age of the oldest broadcast that still sends.",
        g.oldest_seconds);
    gauge(b, "amends_credits_unacknowledged", "Issued credits that billing has not confirmed.",
        g.unacknowledged);
    gauge(b, "amends_promises_overdue", "Promised updates that are late.", g.overdue_promises);
    metric_print_head(b, "amends_deliveries", "gauge", "Outcomes of open broadcasts, and retries.");
    const struct delivery_count *at = counts.at;
    for (size_t i = 0; i < counts.n; i++)
        strbuf_addf(b, "amends_deliveries{channel=\"%s\",state=\"%s\"} %" PRId64 "\n",
            at[i].channel, at[i].state, at[i].n);
    return reply_text(c, "text/plain; version=0.0.4");
}

struct new_key {
    const char *name;
    struct texts scopes;
};
#define SHAPE_STRUCT struct new_key
static const struct field new_key_fields[] = {
    FIELD(TEXT, name, .required = true, .min = 1, .max = 200, .doc = "What it is for."),
    FIELD(TEXTS, scopes, .required = true, .min = 1, .max = 30, .one_of = auth_scopes,
        .doc = "What it may do; admin: everything."),
};
const struct shape new_key_shape = SHAPE("NewKey", new_key_fields);
#undef SHAPE_STRUCT

struct created_key {
    int64_t id;
    char *key;
};
#define SHAPE_STRUCT struct created_key
static const struct field created_key_fields[] = {
    FIELD(INT, id, .required = true, .doc = "Number of the key."),
    FIELD(TEXT, key, .required = true, .doc = "The key; told once."),
};
const struct shape created_key_shape = SHAPE("CreatedKey", created_key_fields);
#undef SHAPE_STRUCT

enum rc key_create(struct call *c)
{
    const struct new_key *in = c->body;
    struct created_key reply;
    TRY(auth_create(c->s, c->db, in->name, &in->scopes, &reply.id, &reply.key));
    TRY(audit_add(c->s, c->db, call_actor(c), "key.create",
        scope_printf(c->s, "api_key:%lld", (long long)reply.id), NULL));
    return reply_object(c, &reply);
}
