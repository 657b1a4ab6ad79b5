#pragma once
/* What the steps did for a line, as a tree of JSON: enough to compute it again. */
#include "billing/engine/caps.h"

struct settled {
    const struct owed *owed;
    mpq_srcptr per_incident; /* NULL: no cap per incident */
    mpq_srcptr exact, rounded, earlier;
    struct room room;
    int64_t amount;
};

/* {"window": {...}, "parts": [...], "steps": [{"step": "round", ...}, ...]}; owned by the scope. */
const json_t *explain_line(struct rating *r, const struct settled *done);
