#ifndef API_CREDITS_CREDIT_LINES_H
#define API_CREDITS_CREDIT_LINES_H
/* The arithmetic of a credit's lines as templates show it (page/credit_lines.en.html): windows,
 * prices and the one formula that was used, times in the account's zone, money as the locale
 * writes it. Pure. */
#include <jansson.h>

#include "core/scope.h"

struct credit_lines {
    struct scope *s;
    const char *locale;
    const char *currency;
    const char *lines;    /* JSON array of what explain(credit_line) gives; NULL: none */
    const char *timezone; /* of the line that is written; filled in here */
};

/* A new reference. */
json_t *credit_lines(const struct credit_lines *in);

#endif
