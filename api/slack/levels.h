#pragma once
/*
 * The components of a form, with one level for all of them and one for each: "level" and
 * "level:SLUG", which begins as that of all. Slack limits the blocks of a view: of many components
 * only the first have a level of their own.
 */
#include "api/slack/making.h"

#define LEVELS_SAME "same"           /* as for all */
#define LEVELS_UNCHANGED "unchanged" /* of all; of an update */

/* value: of all, what it begins with; NULL: a maintenance, whose components have no other. False:
 * the API refused, and *ret_trouble is why. */
bool levels_add(struct making *m, const char *value, const char **ret_trouble);

/* components:[{component, level}] of a submitted form into body. about: the incident whose
 * unchanged levels are left out, or NULL. What is missing goes to errors {BLOCK: text}. */
void levels_read(
    struct call *c, const json_t *view, const json_t *about, json_t *body, json_t *errors);

/* "API: Partial outage, Login: Degraded performance", of a body; "" without any. */
const char *levels_line(struct call *c, const json_t *body);
