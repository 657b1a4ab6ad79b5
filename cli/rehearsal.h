#ifndef CLI_REHEARSAL_H
#define CLI_REHEARSAL_H
/*
 * Previews an update: posts it in a transaction that is rolled back, so that audience and messages
 * are exactly the notifier's, and writes and sends nothing. (It uses up sequence numbers and locks
 * the incident meanwhile.)
 */
#include <jansson.h>

#include "api/incidents/incident_post.h"
#include "core/config.h"

struct rehearsal {
    const char *ref;   /* of the incident */
    const char *title; /* NULL: the incident exists; otherwise it is new, of kind "incident" */
    const char *state, *body;
    const struct post_component *components;
    size_t n;
};

/* The result of preview_make (messages/preview.h), owned by s. RC_NOT_FOUND, RC_INVALID on a field.
 */
enum rc rehearse(struct scope *s, struct db *db, const struct config *config,
    const struct rehearsal *rehearsal, json_t **ret);

#endif
