#include "api/call/measure.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "core/metrics.h"

enum { ROUTES_MAX = 512, CLASSES = 6 };

/* The last one counts requests that matched no route. */
static _Atomic uint64_t count[ROUTES_MAX + 1][CLASSES];
static struct metric_latency latency[ROUTES_MAX + 1];

static size_t index_of(const struct route *route)
{
    size_t i = route ? route_index(route) : ROUTES_MAX;
    return i < ROUTES_MAX ? i : ROUTES_MAX;
}

void measure_request(const struct route *route, int status, int64_t us)
{
    size_t i = index_of(route);
    int class = status / 100 < CLASSES ? status / 100 : 0;
    atomic_fetch_add_explicit(&count[i][class], 1, memory_order_relaxed);
    metric_observe(&latency[i], us);
}

static void labels(struct strbuf *b, size_t i)
{
    strbuf_clear(b);
    const struct route *route = route_at(i);
    if (route)
        strbuf_addf(b, "method=\"%s\",route=\"%s\"", verb_name(route->verb), route->path);
    else
        strbuf_addstr(b, "method=\"unmatched\",route=\"unmatched\"");
}

void measure_print(struct strbuf *b)
{
    STRBUF(label, 512);
    metric_print_head(b, "amends_http_requests_total", "counter", "Requests by route and status.");
    for (size_t i = 0; i <= ROUTES_MAX; i++) {
        labels(&label, i);
        for (int class = 0; class < CLASSES; class ++) {
            uint64_t n = atomic_load_explicit(&count[i][class], memory_order_relaxed);
            if (n)
                strbuf_addf(b, "amends_http_requests_total{%s,status=\"%dxx\"} %" PRIu64 "\n",
                    label.buf, class, n);
        }
    }
    metric_print_head(
        b, "amends_http_request_seconds", "histogram", "Time to reply, without the network.");
    for (size_t i = 0; i <= ROUTES_MAX; i++) {
        labels(&label, i);
        metric_print_latency(b, "amends_http_request_seconds", label.buf, &latency[i]);
    }
}
