#pragma once
/* TAP version 13 for C units: ok(cond, "what"), is_text(got, want, "what"), then return tap_end().
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static bool ok(bool good, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    vprintf(fmt, ap);
    puts("");
    va_end(ap);
    fflush(stdout);
    tap_failed += !good;
    return good;
}

__attribute__((unused)) static bool is_text(const char *got, const char *want, const char *what)
{
    bool same = got && want ? !strcmp(got, want) : got == want;
    ok(same, "%s", what);
    if (!same)
        printf("#      got: %s\n# expected: %s\n", got ? got : "(null)", want ? want : "(null)");
    return same;
}

__attribute__((unused)) static bool is_int(int64_t got, int64_t want, const char *what)
{
    ok(got == want, "%s", what);
    if (got != want)
        printf("# got %" PRId64 ", expected %" PRId64 "\n", got, want);
    return got == want;
}

__attribute__((unused)) static int tap_end(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}
