#pragma once
/* The templates of incidents in a form, as in the console: one fills in the form, and what it fills
 * in begins anew. Those with a text longer than Slack's inputs are left out, because it would be
 * cut. */
#include "api/slack/making.h"

/* Add the choice, of those of m->kind with one of these states (NULL: any); the first is chosen at
 * once, or none. Sets m->presets, m->preset and the marks. */
bool presets_add(struct making *m, const char *const *states, bool first, const char **ret_trouble);
