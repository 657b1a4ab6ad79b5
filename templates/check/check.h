#pragma once
/*
 * Checks the templates and labels of an installation before it uses them, by rendering every
 * message with its samples (templates/samples), in every language that they concern.
 */
#include <jansson.h>

#include "core/config.h"

/* The parts of a message per channel, in reading order; the last row has no channel. */
struct message_part {
    const char *channel;
    const char *suffix;
};
extern const struct message_part message_parts[];

/* Use the templates in dir (templates/files.h) from now on; "": none. RC_INVALID: a line per
 * mistake, "FILE:LINE:COLUMN: reason". They are: a file that replaces nothing, syntax, unknown
 * names (also in sections that a sample leaves out), output that is no JSON, a message without what
 * the built-in one must say (the link to unsubscribe, the postal address, an amount). */
enum rc templates_use(struct scope *s, const char *dir);

/* The same of the setting: a check of the roles that render (core/settings/checks.h). */
enum rc templates_setting(struct scope *s, const struct config *config);

/* Make null or empty whatever may be so in a context. */
void message_make_bare(json_t *context);
