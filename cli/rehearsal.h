#ifndef CLI_REHEARSAL_H
#define CLI_REHEARSAL_H
/*
 * An update as it would be sent: it is posted in a transaction that is rolled back, so that
 * audience and messages are those of the notifier itself, and nothing is written or sent.
 * (Numbers of sequences are used up, and the incident is locked for that moment.)
 */
#include <jansson.h>

#include "api/incidents/incident_post.h"
#include "core/config.h"

struct rehearsal {
    const char *ref;   /* of the incident */
    const char *title; /* NULL: the incident exists; else it is new, of kind "incident" */
    const char *state, *body;
    const struct post_component *components;
    size_t n;
};

/* As preview_make (messages/preview.h) says, owned by s. RC_NOT_FOUND, RC_INVALID on a field. */
enum rc rehearse(struct scope *s, struct db *db, const struct config *config,
    const struct rehearsal *rehearsal, json_t **ret);

#endif
