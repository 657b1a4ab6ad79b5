#include "core/mail/mailaddr.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* An accepted address is short, clean, and its own normalised form. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    SCOPE(s);
    char *text = scope_strndup(s, (const char *)bytes, len);
    char *normal, *again, *name;
    if (mailaddr_normalise(s, text, &normal) == RC_OK) {
        if (strlen(normal) > MAILADDR_MAX || strpbrk(normal, "\r\n\t") || !strchr(normal, '@'))
            abort();
        if (mailaddr_normalise(s, normal, &again) != RC_OK || strcmp(normal, again) != 0)
            abort();
        mailaddr_unique(s, normal);
    }
    if (mailaddr_split_mailbox(s, text, &name, &normal) == RC_OK && strpbrk(name, "\r\n"))
        abort();
    return 0;
}
