#pragma once
/* Changes to a text, in any order, made at once. */
#include "core/scope.h"
#include "core/strbuf.h"

enum { EDITS_MAX = 1024 };

struct edits {
    struct edit {
        const char *at;   /* place in the text */
        size_t drop;      /* octets that go */
        const char *text; /* comes there */
    } at[EDITS_MAX];
    size_t n;
};

/* Further changes than EDITS_MAX are left out. */
void edits_add(struct edits *edits, const char *at, size_t drop, const char *text);

/* Append the changed text to out. Changes at one place stay in their order. */
void edits_apply(struct edits *edits, const char *text, struct strbuf *out);
