#pragma once
/* A line that is computed again, and how its explanation states W(t). Internal to the recount. */
#include "billing/engine/models/model.h"
#include "billing/engine/recount/line.h"

struct recounting {
    struct scope *s;
    const struct recount *line;
    struct rule rule; /* with the caps as stated */
    struct rating r;
    struct account account;
    struct term term;
    struct held_line held[2];
    struct held_lines all;
    struct evidence evidence;
    struct window window;
    struct moments *moments;    /* one a base */
    struct incidents incidents; /* that count alone */
    bool claim;                 /* the policy asks for one */
    bool whole;                 /* from the windows on; else from the exact amount */
};

/* Whether a stated value is of the base: of its product, or of none. */
bool stated_is_of(const json_t *json, const struct base *base);

/* The spans of a base in a list of {from, to, weight_bp, weight, product}. */
enum rc stated_spans(
    struct recounting *c, const json_t *list, const struct base *base, struct spans *ret);
