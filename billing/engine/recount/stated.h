#pragma once
/* A rating rebuilt from the explanation of a line. Internal to the recount. */
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
    struct moments *moments; /* one a base */
    bool claim;              /* the policy asks for one */
    bool whole;              /* from the windows on; else from the exact amount */
};

/* Read line->explain for c->rule; fills the rest. c->s, c->line and c->rule are given. */
enum rc stated_read(struct recounting *c, zone_find *zones, void *ctx);

/* The exact amount as it is stated. */
enum rc stated_exact(struct recounting *c, mpq_srcptr *ret);
