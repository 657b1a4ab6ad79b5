#pragma once
/*
 * "did you mean": the nearest of the words that a command line could have had.
 *
 *     struct suggestion near = {.typed = "incidnet"};
 *     suggest_try(&near, "incident");
 *     fprintf(stderr, "unknown command '%s'%s", near.typed, suggest_text(s, &near, ""));
 */
#include <stddef.h>

#include "core/scope.h"

struct suggestion {
    const char *typed;
    const char *best; /* of those tried, or NULL: none is near */
    size_t cost;      /* edits from typed to best */
};

/* A candidate: kept if it begins with the typed word or differs from it by at most a third of the
 * letters (optimal string alignment: insert, delete, change, swap), and less than the best one. */
void suggest_try(struct suggestion *near, const char *candidate);

/* "; did you mean '--output'?", or "" without a near word. dashes: "" or "--". */
const char *suggest_text(struct scope *s, const struct suggestion *near, const char *dashes);
