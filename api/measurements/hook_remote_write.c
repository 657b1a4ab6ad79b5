/* POST /hooks/prometheus/write/{source}: counters of Prometheus, which become requests by minute.
 * Prometheus repeats what got 5xx, or 429 with its retry_on_http_429, and drops the rest. */
#include <math.h>
#include <sodium.h>
#include <string.h>

#include "api/measurements/measurements.h"
#include "api/measurements/remote_write.h"
#include "api/signatures/hook_source.h"
#include "core/clock.h"
#include "core/db/locks.h"
#include "core/json.h"

enum { COUNTERS_MAX = 100000, HEX = 2 * REMOTE_WRITE_HASH + 1 };
#define VALUE_MAX 1e15
#define AHEAD_MS INT64_C(3600000) /* clocks differ, but not by more */

STMT(remote_count, "SELECT amends.measurement_source_count($1)", .row = &row_bool);
STMT(remote_unknown, "SELECT amends.counters_unknown($1, $2)", .row = &row_int);
STMT(remote_learn, "SELECT amends.counters_learn($1, $2::jsonb)", .row = &row_int);
STMT(remote_store, "SELECT amends.counters_store($1, $2, $3, $4)");

struct receiving {
    const struct remote_write *write;
    int64_t source;
    const char **hashes; /* of the series, in hexadecimal digits */
};

static json_t *labels_of(const struct remote_series *series)
{
    json_t *labels = json_object();
    for (size_t i = 0; i < series->n_labels; i++)
        json_object_set_new(labels, series->labels[i].name, json_string(series->labels[i].value));
    return labels;
}

/* Labels are sent only for counters that the database does not know. */
static enum rc learn(struct scope *s, struct db *db, const struct receiving *in)
{
    struct list unknown;
    int64_t n;
    TRY(db_all(s, db, &remote_unknown,
        PARAMS(P_INT(in->source), P_TEXT_LIST(s, in->hashes, in->write->n)), &unknown));
    const int64_t *places = unknown.at;
    json_t *counters = json_own(s, json_array());
    for (size_t i = 0; i < unknown.n; i++)
        json_array_append_new(
            counters, json_pack("{s:s, s:o}", "hash", in->hashes[places[i] - 1], "labels",
                          labels_of(&in->write->series[places[i] - 1])));
    if (!unknown.n)
        return RC_OK;
    TRY(db_one(
        s, db, &remote_learn, PARAMS(P_INT(in->source), P_TEXT(json_text(s, counters))), &n));
    return n <= COUNTERS_MAX
               ? RC_OK
               : fail(s, RC_INVALID,
                     "a source has at most %d counters: select them by write_relabel_configs",
                     COUNTERS_MAX);
}

static bool counts(const struct remote_sample *sample, int64_t now_ms)
{
    return isfinite(sample->value) && sample->value >= 0 && sample->value <= VALUE_MAX &&
           sample->ms >= 0 && sample->ms <= now_ms + AHEAD_MS;
}

static enum rc store(struct scope *s, struct db *db, void *arg)
{
    const struct receiving *in = arg;
    size_t most = 1, n = 0;
    for (size_t i = 0; i < in->write->n; i++)
        most += in->write->series[i].n_samples;
    const char **hashes = SCOPE_ARRAY(s, const char *, most);
    int64_t *ms = SCOPE_ARRAY(s, int64_t, most), *values = SCOPE_ARRAY(s, int64_t, most);
    int64_t now_ms = clock_now() / 1000;
    for (size_t i = 0; i < in->write->n; i++)
        for (size_t k = 0; k < in->write->series[i].n_samples; k++) {
            const struct remote_sample *sample = &in->write->series[i].samples[k];
            if (!counts(sample, now_ms))
                continue;
            hashes[n] = in->hashes[i];
            ms[n] = sample->ms;
            values[n++] = (int64_t)sample->value;
        }
    TRY(db_lock(s, db, LOCK_MEASUREMENT_STAGE, LOCK_EXCLUSIVE));
    TRY(learn(s, db, in));
    return n ? db_do(s, db, &remote_store,
                   PARAMS(P_INT(in->source), P_TEXT_LIST(s, hashes, n), P_INTS(s, ms, n),
                       P_INTS(s, values, n)),
                   NULL)
             : RC_OK;
}

static enum rc authenticate(struct call *c, const struct measurement_source *source)
{
    return hook_secret_is(&source->secret, hook_token_given(c->s, c->request->authorization))
               ? RC_OK
               : fail(c->s, RC_DENIED, "invalid token");
}

/* The second version of the protocol names its message; Prometheus then sends the first. */
static enum rc check_type(struct call *c)
{
    const char *type = c->request->content_type;
    if (type && strstr(type, "proto=") && !strstr(type, "prometheus.WriteRequest"))
        return refuse(c, 415, "the body must be prometheus.WriteRequest (remote write 1.0)");
    return RC_OK;
}

enum rc hook_remote_write(struct call *c)
{
    struct measurement_source source;
    struct remote_write write;
    bool allowed;
    TRY(measurement_source_find(c->s, c->db, c->api, c->param[0], &source));
    TRY(authenticate(c, &source));
    TRY(check_type(c));
    TRY(db_one(c->s, c->db, &remote_count, PARAMS(P_INT(source.id)), &allowed));
    if (!allowed)
        return hook_source_refuse(c);
    TRY(remote_write_read(c->s, c->request->body, c->request->len, &write));
    struct receiving in = {.write = &write,
        .source = source.id,
        .hashes = SCOPE_ARRAY(c->s, const char *, write.n + 1)};
    for (size_t i = 0; i < write.n; i++) {
        char *hex = scope_alloc(c->s, HEX);
        sodium_bin2hex(hex, HEX, write.series[i].hash, REMOTE_WRITE_HASH);
        in.hashes[i] = hex;
    }
    TRY(db_txn(c->s, c->db, store, &in));
    return reply_nothing(c);
}
