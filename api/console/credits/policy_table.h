#pragma once
/* Fields of a policy that are tables of cells on the page. */
#include "api/console/credits/policy_fields.h"

struct shown {
    struct call *c;
    const json_t *document;
    json_t *components, *problem;
};

/* Whether the problem is about the field, or, with a part, about that part, or that part of its nth
 * row. */
bool policy_is_wrong(const struct shown *p, const char *name, const char *part, int n);

/* A text or an integer as text; "" of anything else. */
const char *policy_plain(struct call *c, const json_t *value);

/* {"EUR": 500} as "5.00 EUR", and texts as "a, b". Owned by s. */
const char *policy_money_text(struct scope *s, json_t *value);
const char *policy_words_text(struct scope *s, const json_t *value);

/* "columns", "rows" and "extras" (columns to choose from) into shown; empty of other kinds. */
void policy_put_table(
    const struct shown *p, const struct policy_field *field, json_t *value, json_t *shown);
