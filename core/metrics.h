#pragma once
/*
 * Counters and latencies, printed in Prometheus' text format 0.0.4. Static storage,
 * lock-free: any thread adds while another prints.
 *
 *     static struct metric_latency took;
 *     metric_observe(&took, us);
 *     metric_print_latency(&b, "amends_http_request_seconds", "route=\"/v1/x\"", &took);
 */
#include <stdatomic.h>
#include <stdint.h>

#include "core/strbuf.h"

enum { METRIC_BUCKETS = 9 };

struct metric_latency {
    _Atomic uint64_t bucket[METRIC_BUCKETS]; /* not cumulative */
    _Atomic uint64_t sum_us;
};

void metric_observe(struct metric_latency *latency, int64_t us);

/* `# HELP` and `# TYPE` lines; type: counter, gauge, histogram. */
void metric_print_head(struct strbuf *b, const char *name, const char *type, const char *help);

/* A label's value: backslash, quote and line feed escaped. */
void metric_print_label(struct strbuf *b, const char *value);

/* The _bucket, _sum and _count lines; nothing without an observation. */
void metric_print_latency(
    struct strbuf *b, const char *name, const char *labels, const struct metric_latency *latency);
