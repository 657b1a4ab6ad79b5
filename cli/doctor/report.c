/* The rows of the report. */
#include "cli/doctor/report.h"

#include <stdarg.h>

static const char *const health_name[] = {
    [HEALTH_OK] = "ok", [HEALTH_WARN] = "warn", [HEALTH_FAIL] = "fail"};

void doctor_row(struct scope *s, struct doctor *doctor, const char *check, enum health health,
    const char *advice, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *said = scope_vprintf(s, fmt, ap);
    va_end(ap);
    json_array_append_new(doctor->rows,
        json_pack("{s:s, s:b, s:s, s:s, s:s*}", "check", check, "ok", health != HEALTH_FAIL,
            "state", health_name[health], "said", said, "todo", advice));
    doctor->good = doctor->good && health != HEALTH_FAIL;
}
