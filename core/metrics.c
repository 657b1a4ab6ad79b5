#include "core/metrics.h"

#include <inttypes.h>

/* Upper bounds in microseconds; the last bucket has none. */
static const int64_t bounds[METRIC_BUCKETS - 1] = {
    1000, 5000, 10000, 50000, 100000, 500000, 1000000, 10000000};

void metric_observe(struct metric_latency *latency, int64_t us)
{
    size_t i = 0;
    while (i < METRIC_BUCKETS - 1 && us > bounds[i])
        i++;
    atomic_fetch_add_explicit(&latency->bucket[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&latency->sum_us, (uint64_t)us, memory_order_relaxed);
}

void metric_print_head(struct strbuf *b, const char *name, const char *type, const char *help)
{
    strbuf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metric_print_label(struct strbuf *b, const char *value)
{
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            strbuf_addch(b, '\\');
        if (*value == '\n')
            strbuf_addstr(b, "\\n");
        else
            strbuf_addch(b, *value);
    }
}

void metric_print_latency(
    struct strbuf *b, const char *name, const char *labels, const struct metric_latency *latency)
{
    uint64_t counts[METRIC_BUCKETS], all = 0;
    for (size_t i = 0; i < METRIC_BUCKETS; i++)
        all += counts[i] = atomic_load_explicit(&latency->bucket[i], memory_order_relaxed);
    if (!all)
        return;
    uint64_t so_far = 0;
    for (size_t i = 0; i + 1 < METRIC_BUCKETS; i++) {
        so_far += counts[i];
        strbuf_addf(b, "%s_bucket{%s,le=\"%g\"} %" PRIu64 "\n", name, labels,
            (double)bounds[i] / 1e6, so_far);
    }
    strbuf_addf(b, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", name, labels, all);
    uint64_t sum = atomic_load_explicit(&latency->sum_us, memory_order_relaxed);
    strbuf_addf(
        b, "%s_sum{%s} %" PRIu64 ".%06" PRIu64 "\n", name, labels, sum / 1000000, sum % 1000000);
    strbuf_addf(b, "%s_count{%s} %" PRIu64 "\n", name, labels, all);
}
