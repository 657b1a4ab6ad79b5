#pragma once
#include "cli/command.h"

/* Print credit in->id and the calculation of each of its lines, in the words of a locale. */
enum rc credit_explain(struct scope *s, struct invocation *in, const char *locale);
