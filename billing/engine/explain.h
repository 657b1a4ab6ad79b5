#pragma once
/* What the steps did for a line, as JSON: enough to compute it again. */
#include "billing/engine/caps.h"

struct settled {
    const struct owed *owed;
    mpq_srcptr per_incident;                      /* NULL: no cap per incident */
    mpq_srcptr exact, unraised, rounded, earlier; /* unraised: before at_least */
    struct room room;
    int64_t amount;
};

/* {"period": {...}, "parts": [...], "steps": [{"step": "rounded", "value": "12"}, ...]}, one line
 * of text; owned by the scope. */
const char *explain_line(struct rating *r, const struct settled *done);
