#pragma once
#include "cli/options.h"

struct verify_given {
    const char *anchor;
    struct texts keys;
};

/* amends ledger verify */
enum rc ledger_verify(struct scope *s, struct invocation *in, const struct verify_given *given);
