#include <math.h>

#include "tests/fuzz/fuzz_remote_write.c"
#include "tests/unit/replay.h"

#define CORPUS "tests/fuzz/corpus/remote_write"

static const struct {
    const char *file;
    size_t series;      /* 0: refused, */
    const char *reason; /* which begins so */
} rows[] = {
    {"two-series", 2, NULL},
    {"metadata", 2, NULL},
    {"histograms", 1, NULL},
    {"cut-histogram", 0, "a histogram is cut short"},
    {"cut", 0, "the body is no WriteRequest"},
    {"group", 0, "the body is no WriteRequest"},
    {"too-large", 0, "the body has 17825792 octets"},
    {"no-snappy", 0, "the body is not compressed"},
    {"no-labels", 0, "must have 1 to 100 labels"},
    {"not-utf8", 0, "a label is not UTF-8"},
    {"many-series", 0, "a request has at most 20000 series"},
};

static void load(const char *name, struct strbuf *b)
{
    SCOPE(s);
    char block[4096];
    FILE *file = fopen(scope_printf(s, CORPUS "/%s", name), "rb");
    for (size_t got; file && (got = fread(block, 1, sizeof block, file)) > 0;)
        strbuf_add(b, block, got);
    if (file)
        fclose(file);
}

static void read_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SCOPE(s);
        STRBUF(b, 1 << 20);
        struct remote_write write = {0};
        load(rows[i].file, &b);
        enum rc rc = remote_write_read(s, b.buf, b.len, &write);
        if (rows[i].series)
            ok(rc == RC_OK && write.n == rows[i].series, "%s is read", rows[i].file);
        else
            ok(rc == RC_INVALID &&
                    !strncmp(s->fault.message, rows[i].reason, strlen(rows[i].reason)),
                "%s: %s", rows[i].file, s->fault.message);
    }
}

static void read_values(void)
{
    SCOPE(s);
    STRBUF(b, 1 << 20);
    struct remote_write write;
    load("two-series", &b);
    if (!ok(remote_write_read(s, b.buf, b.len, &write) == RC_OK, "two series"))
        return;
    const struct remote_series *one = &write.series[0], *other = &write.series[1];
    is_text(one->labels[0].value, "http_requests_total", "its name");
    is_text(one->labels[1].name, "code", "the name of a label");
    is_int(one->samples[1].ms, 1772532015000, "a time");
    ok(one->samples[1].value > 7.4 && one->samples[1].value < 7.6, "a value");
    ok(other->samples[0].ms == -1 && !(other->samples[0].value <= 0),
        "a time before 1970, no number");
    ok(memcmp(one->hash, other->hash, REMOTE_WRITE_HASH) != 0, "other labels, another hash");
}

static void read_histograms(void)
{
    SCOPE(s);
    STRBUF(b, 1 << 20);
    struct remote_write write;
    load("histograms", &b);
    if (!ok(remote_write_read(s, b.buf, b.len, &write) == RC_OK, "a native histogram"))
        return;
    const struct remote_sample *at = write.series[0].samples;
    is_int((int64_t)write.series[0].n_samples, 4, "each of its values is a sample");
    ok(at[0].value >= 3 && at[0].value <= 3 && at[1].value >= 7 && at[1].value <= 7,
        "of its count, whole or not");
    is_int(at[1].ms, 1772532015000, "and its time");
    ok(isnan(at[2].value) && isnan(at[3].value), "a mark of staleness and a gauge have none");
}

int main(void)
{
    replay(CORPUS, LLVMFuzzerTestOneInput);
    read_rows();
    read_values();
    read_histograms();
    return tap_end();
}
