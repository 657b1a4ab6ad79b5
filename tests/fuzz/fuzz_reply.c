#include "notifier/smtp/reply.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* A reply lies within its input, its text within the reply; a longer input gives the same result.
 */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    struct reply reply;
    size_t at = 0, used;
    while (reply_read(text + at, len - at, &reply, &used) == REPLY_WHOLE) {
        struct reply again;
        size_t used_again;
        if (!used || used > len - at || reply.code < 200 || reply.code > 599 ||
            reply.text < text + at || reply.text + reply.text_len > text + at + used)
            abort();
        if (reply_read(text + at, used, &again, &used_again) != REPLY_WHOLE || used_again != used)
            abort();
        at += used;
    }
    return 0;
}
