#include "api/measurements/remote_write.h"

#include <math.h>
#include <snappy-c.h>
#include <sodium.h>
#include <string.h>

#include "core/utf8.h"

/* A protobuf message (protobuf.dev/programming-guides/encoding): fields, one after the other. */
struct wire {
    const uint8_t *at, *end;
};

enum { LABELS = 1, SAMPLES = 2, HISTOGRAMS = 4 }; /* of a TimeSeries */

enum wire_type { WIRE_VARINT, WIRE_FIXED64, WIRE_BYTES, WIRE_FIXED32 = 5 };

struct wire_field {
    uint64_t number;
    enum wire_type type;
    uint64_t value;    /* of a varint or fixed */
    struct wire bytes; /* of WIRE_BYTES */
};

static bool varint(struct wire *w, uint64_t *ret)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && w->at < w->end; shift += 7) {
        uint8_t octet = *w->at++;
        value |= (uint64_t)(octet & 0x7f) << shift;
        if (!(octet & 0x80)) {
            *ret = value;
            return true;
        }
    }
    return false;
}

static bool fixed(struct wire *w, size_t octets, uint64_t *ret)
{
    uint64_t value = 0;
    if ((size_t)(w->end - w->at) < octets)
        return false;
    for (size_t i = 0; i < octets; i++)
        value |= (uint64_t)w->at[i] << (8 * i);
    w->at += octets;
    *ret = value;
    return true;
}

static bool octets(struct wire *w, struct wire *ret)
{
    uint64_t len;
    if (!varint(w, &len) || len > (uint64_t)(w->end - w->at))
        return false;
    *ret = (struct wire){.at = w->at, .end = w->at + len};
    w->at += len;
    return true;
}

/* False: the message is broken. Groups are obsolete and not read. */
static bool next(struct wire *w, struct wire_field *ret)
{
    uint64_t tag;
    if (!varint(w, &tag))
        return false;
    ret->number = tag >> 3;
    ret->type = (enum wire_type)(tag & 7);
    switch (ret->type) {
    case WIRE_VARINT:
        return varint(w, &ret->value);
    case WIRE_FIXED64:
        return fixed(w, 8, &ret->value);
    case WIRE_FIXED32:
        return fixed(w, 4, &ret->value);
    case WIRE_BYTES:
        return octets(w, &ret->bytes);
    }
    return false;
}

/* How many fields of a number there are; SIZE_MAX: the message is broken. */
static size_t count(struct wire w, uint64_t number)
{
    struct wire_field field;
    size_t n = 0;
    while (w.at < w.end) {
        if (!next(&w, &field))
            return SIZE_MAX;
        n += field.number == number && field.type == WIRE_BYTES;
    }
    return n;
}

static enum rc text_of(struct scope *s, struct wire bytes, const char **ret)
{
    size_t len = (size_t)(bytes.end - bytes.at);
    if (!utf8_is_valid((const char *)bytes.at, len))
        return fail(s, RC_INVALID, "a label is not UTF-8");
    *ret = scope_strndup(s, (const char *)bytes.at, len);
    return RC_OK;
}

static enum rc read_label(struct scope *s, struct wire w, struct remote_label *ret)
{
    struct wire_field field;
    *ret = (struct remote_label){.name = "", .value = ""};
    while (w.at < w.end) {
        if (!next(&w, &field))
            return fail(s, RC_INVALID, "a label is cut short");
        if (field.type == WIRE_BYTES && (field.number == 1 || field.number == 2))
            TRY(text_of(s, field.bytes, field.number == 1 ? &ret->name : &ret->value));
    }
    return *ret->name ? RC_OK : fail(s, RC_INVALID, "a label has no name");
}

static enum rc read_sample(struct scope *s, struct wire w, struct remote_sample *ret)
{
    struct wire_field field;
    *ret = (struct remote_sample){0};
    while (w.at < w.end) {
        if (!next(&w, &field))
            return fail(s, RC_INVALID, "a sample is cut short");
        if (field.number == 1 && field.type == WIRE_FIXED64)
            memcpy(&ret->value, &field.value, sizeof ret->value);
        if (field.number == 2 && field.type == WIRE_VARINT)
            ret->ms = (int64_t)field.value;
    }
    return RC_OK;
}

/* A mark that the series is gone has no count, and a gauge counts nothing: their value is NaN. */
static enum rc read_histogram(struct scope *s, struct wire w, struct remote_sample *ret)
{
    static const uint64_t stale = 0x7ff0000000000002;
    enum { COUNT_INT = 1, COUNT_FLOAT, SUM, RESET_HINT = 14, TIMESTAMP, GAUGE = 3 };
    struct wire_field field;
    bool counts = true;
    *ret = (struct remote_sample){0};
    while (w.at < w.end) {
        if (!next(&w, &field))
            return fail(s, RC_INVALID, "a histogram is cut short");
        if (field.number == COUNT_INT && field.type == WIRE_VARINT)
            ret->value = (double)field.value;
        if (field.number == COUNT_FLOAT && field.type == WIRE_FIXED64)
            memcpy(&ret->value, &field.value, sizeof ret->value);
        if (field.number == TIMESTAMP && field.type == WIRE_VARINT)
            ret->ms = (int64_t)field.value;
        counts &=
            !(field.number == SUM && field.type == WIRE_FIXED64 && field.value == stale) &&
            !(field.number == RESET_HINT && field.type == WIRE_VARINT && field.value == GAUGE);
    }
    if (!counts)
        ret->value = NAN;
    return RC_OK;
}

/* Lengths are hashed, too, so that no other labels give the same bytes. */
static void hash(struct remote_series *series)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, REMOTE_WRITE_HASH);
    for (size_t i = 0; i < series->n_labels; i++) {
        const char *const texts[] = {series->labels[i].name, series->labels[i].value};
        for (size_t k = 0; k < 2; k++)
            crypto_generichash_update(
                &state, (const unsigned char *)texts[k], strlen(texts[k]) + 1);
    }
    crypto_generichash_final(&state, series->hash, REMOTE_WRITE_HASH);
}

static enum rc read_series(
    struct scope *s, struct wire w, size_t *samples, struct remote_series *ret)
{
    size_t n_labels = count(w, LABELS), n_samples = count(w, SAMPLES);
    struct wire_field field;
    if (n_labels == SIZE_MAX)
        return fail(s, RC_INVALID, "is cut short");
    n_samples += count(w, HISTOGRAMS);
    if (!n_labels || n_labels > REMOTE_WRITE_LABELS)
        return fail(s, RC_INVALID, "must have 1 to %d labels", REMOTE_WRITE_LABELS);
    *samples += n_samples;
    if (*samples > REMOTE_WRITE_SAMPLES)
        return fail(s, RC_INVALID, "a request has at most %d samples", REMOTE_WRITE_SAMPLES);
    struct remote_label *labels = SCOPE_ARRAY(s, struct remote_label, n_labels);
    struct remote_sample *list = SCOPE_ARRAY(s, struct remote_sample, n_samples + 1);
    *ret = (struct remote_series){.labels = labels, .samples = list};
    while (w.at < w.end && next(&w, &field)) {
        if (field.number == LABELS && field.type == WIRE_BYTES)
            TRY(read_label(s, field.bytes, &labels[ret->n_labels++]));
        if (field.number == SAMPLES && field.type == WIRE_BYTES)
            TRY(read_sample(s, field.bytes, &list[ret->n_samples++]));
        if (field.number == HISTOGRAMS && field.type == WIRE_BYTES)
            TRY(read_histogram(s, field.bytes, &list[ret->n_samples++]));
    }
    hash(ret);
    return RC_OK;
}

static enum rc read_request(struct scope *s, struct wire w, struct remote_write *ret)
{
    size_t n = count(w, 1), samples = 0;
    struct wire_field field;
    if (n == SIZE_MAX)
        return fail(s, RC_INVALID, "the body is no WriteRequest of protobuf");
    if (n > REMOTE_WRITE_SERIES)
        return fail(s, RC_INVALID, "a request has at most %d series", REMOTE_WRITE_SERIES);
    struct remote_series *series = SCOPE_ARRAY(s, struct remote_series, n + 1);
    size_t i = 0;
    while (w.at < w.end && next(&w, &field)) {
        if (field.number != 1 || field.type != WIRE_BYTES)
            continue;
        if (read_series(s, field.bytes, &samples, &series[i]) != RC_OK)
            return fail_field(
                s, RC_INVALID, scope_printf(s, "timeseries[%zu]", i), "%s", s->fault.message);
        i++;
    }
    *ret = (struct remote_write){.series = series, .n = n};
    return RC_OK;
}

enum rc remote_write_read(struct scope *s, const void *bytes, size_t len, struct remote_write *ret)
{
    size_t size;
    if (snappy_uncompressed_length(bytes, len, &size) != SNAPPY_OK)
        return fail(s, RC_INVALID, "the body is not compressed by snappy");
    if (size > REMOTE_WRITE_MAX)
        return fail(s, RC_INVALID, "the body has %zu octets, of which %d are allowed", size,
            REMOTE_WRITE_MAX);
    char *raw = scope_alloc(s, size + 1);
    if (snappy_uncompress(bytes, len, raw, &size) != SNAPPY_OK)
        return fail(s, RC_INVALID, "the body is not compressed by snappy");
    const uint8_t *at = (const uint8_t *)raw;
    return read_request(s, (struct wire){.at = at, .end = at + size}, ret);
}
