#pragma once
#include "cli/command.h"

/* Print credit in->id and the calculation of each of its lines. */
enum rc credit_explain(struct scope *s, struct invocation *in);
