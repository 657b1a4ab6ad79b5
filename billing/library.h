#pragma once
/* Policies of promises that companies publish, from billing/library/NAME.json. Pure. An entry is
 *     {"name", "shape", "companies"?, "date", "note"?, "policy", "examples"}
 * shape says in a line what it pays; companies are those that promise it, none if it is a kind that
 * several do; date is when it was written down. An example has the form of
 * tests/cases/contracts.json and a text; a test computes it. */
#include <jansson.h>

#include "core/scope.h"

/* All entries by name, as an array that lives as long as the process: read it only. */
const json_t *library_list(void);

/* One entry, owned by s. RC_NOT_FOUND names the one meant. */
enum rc library_find(struct scope *s, const char *name, json_t **ret);
