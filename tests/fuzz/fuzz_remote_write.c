/* No body crashes, and what is accepted is within its limits. */
#include <stdlib.h>
#include <string.h>

#include "api/measurements/remote_write.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_series(const struct remote_series *series)
{
    if (!series->n_labels || series->n_labels > REMOTE_WRITE_LABELS)
        abort();
    for (size_t i = 0; i < series->n_labels; i++) {
        const struct remote_label *label = &series->labels[i];
        if (!*label->name || !utf8_is_valid(label->name, strlen(label->name)) ||
            !utf8_is_valid(label->value, strlen(label->value)))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    SCOPE(s);
    struct remote_write write;
    size_t samples = 0;
    if (remote_write_read(s, bytes, len, &write) != RC_OK)
        return 0;
    for (size_t i = 0; i < write.n; i++) {
        check_series(&write.series[i]);
        samples += write.series[i].n_samples;
    }
    if (write.n > REMOTE_WRITE_SERIES || samples > REMOTE_WRITE_SAMPLES)
        abort();
    return 0;
}
