#pragma once
/* Checks the names of an installation's templates, and its labels; private to this folder. */
#include <jansson.h>

#include "core/scope.h"
#include "core/strbuf.h"

/* Append a line per mistake to faults, and each language of the files to locales. */
void template_names_check(struct scope *s, json_t *locales, struct strbuf *faults);
