#pragma once
/*
 * The draft of a post: the fields of the form, converted to the body of a /v1 route and back to the
 * page. Fields level:<slug> select components.
 */
#include <jansson.h>

#include "api/call/call.h"

/* The body of POST /v1/incidents (whole) or of POST .../updates, owned by c->s. */
json_t *draft_body(struct call *c, bool whole);

/* The translated texts of a form for updates of an incident, or (NULL) for a template; and all that
 * an update may have. */
const char *const *draft_texts(const json_t *incident);
extern const char *const draft_update_parts[], *const draft_whole_parts[];

/* The translated texts of a new incident with this audience. Texts for the affected that were typed
 * before another one was chosen are left out. */
const char *const *draft_texts_for(const char *audience);

/* Name the wrong components of a refused draft by its fields; NULL is fine. */
void draft_name_errors(struct call *c, json_t *problem);

/* Copy scheduled_from and similar fields of the form to a body; those are in the zone of the
 * person. */
void draft_put_times(struct call *c, json_t *body);

/* The incident template of this id, or NULL. */
json_t *draft_preset(json_t *templates, const char *id);

/* The content of the form: title, text and choices of the submitted form or, without one, of a
 * template (may be NULL) or of an existing incident (may be NULL), for the given kind. */
enum rc draft_show(
    struct call *c, const char *kind, json_t *incident, json_t *preset, json_t *context);
