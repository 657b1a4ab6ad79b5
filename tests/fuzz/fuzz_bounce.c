/* Any returned mail is parsed, and its texts are single lines of UTF-8. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/mail/bounce.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check_line(const char *text)
{
    if (!text)
        return;
    size_t len = strlen(text);
    if (len > REPORT_TEXT_MAX || !utf8_is_valid(text, len))
        abort();
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    SCOPE(s);
    struct bounce bounce;
    bounce_read(s, (const char *)bytes, len, &bounce);
    check_line(bounce.status);
    check_line(bounce.diagnostic);
    for (size_t i = 0; i < bounce.paths.n; i++)
        check_line(bounce.paths.at[i]);
    return 0;
}
