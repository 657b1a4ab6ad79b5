#ifndef API_CONSOLE_DRAFT_H
#define API_CONSOLE_DRAFT_H
/*
 * A post while it is written: the fields of the form, as the body of a /v1 route and as what
 * the page shows again. Components are chosen by fields level:<slug>.
 */
#include <jansson.h>

#include "api/call/call.h"

/* The body of POST /v1/incidents (whole) or of POST .../updates, owned by c->s. */
json_t *draft_body(struct call *c, bool whole);

/* scheduled_from and the like of the form into a body: times without a zone are UTC. */
void draft_put_times(struct call *c, json_t *body);

/* The incident template of this id, or NULL. */
json_t *draft_preset(json_t *templates, const char *id);

/* What the form shows: the title, text and choices of the form or, where there is none yet, of
 * a template (may be NULL) or an incident as it stands (may be NULL) in the given kind. */
enum rc draft_show(
    struct call *c, const char *kind, json_t *incident, json_t *preset, json_t *context);

#endif
