#pragma once
/*
 * The body of Prometheus' remote write 1.0 (prometheus.io/docs/specs/prw/remote_write_spec): a
 * protobuf WriteRequest, compressed as one snappy block. Series and their samples are read, and of
 * a native histogram its count, as a sample; metadata and exemplars are skipped. Pure.
 *
 *     struct remote_write write;
 *     TRY(remote_write_read(s, bytes, len, &write));
 *     for (size_t i = 0; i < write.n; i++)
 *         take(&write.series[i]);
 */
#include <stddef.h>
#include <stdint.h>

#include "core/rc.h"
#include "core/scope.h"

enum {
    REMOTE_WRITE_MAX = 16 << 20, /* octets, decompressed */
    REMOTE_WRITE_SERIES = 20000,
    REMOTE_WRITE_SAMPLES = 200000,
    REMOTE_WRITE_LABELS = 100, /* of a series */
    REMOTE_WRITE_HASH = 16
};

struct remote_label {
    const char *name, *value; /* valid UTF-8 */
};

struct remote_sample {
    int64_t ms;   /* since 1970 */
    double value; /* NaN: none */
};

struct remote_series {
    const struct remote_label *labels; /* by name, as sent */
    size_t n_labels;
    const struct remote_sample *samples; /* by time, as sent */
    size_t n_samples;
    unsigned char hash[REMOTE_WRITE_HASH]; /* of the labels */
};

struct remote_write {
    const struct remote_series *series;
    size_t n;
};

/* Everything is kept in s. RC_INVALID: not such a body, or beyond the limits; the field is that of
 * the series, if one is wrong. */
enum rc remote_write_read(struct scope *s, const void *bytes, size_t len, struct remote_write *ret);
