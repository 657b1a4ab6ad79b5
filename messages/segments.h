#pragma once
/* Counts the SMS segments of a text (3GPP TS 23.038, 6.2.1; TS 23.040, 9.2.3.24.1). Pure. */
#include <stdbool.h>
#include <stddef.h>

struct segments {
    bool gsm7;    /* else UCS-2 */
    int units;    /* septets, or UTF-16 units */
    int segments; /* 0 for an empty text */
};

/* text: UTF-8. An invalid byte counts as one character outside GSM 7. */
struct segments segments_count(const char *text);

/* Length in bytes of the first n characters of text, or of all if it has fewer. */
size_t segments_prefix(const char *text, size_t n);
