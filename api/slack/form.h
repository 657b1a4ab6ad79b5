#pragma once
/* The forms of /amends open, update, resolve and schedule, and the posts that they make. */
#include <jansson.h>

#include "api/call/call.h"

enum slack_form { SLACK_OPEN, SLACK_UPDATE, SLACK_RESOLVE, SLACK_SCHEDULE, SLACK_FORMS };
extern const char *const slack_form_name[]; /* "open": command; callback_id: "amends_open" */

/* What a form begins with: all may be NULL. */
struct slack_start {
    const char *ref; /* of an incident, or words of its title */
    const char *title, *body;
    const json_t *view; /* the open view of the same form, which the new one is to replace */
};

/* The view, a new reference. NULL: *ret_trouble is why there is none. */
json_t *slack_form_view(struct call *c, enum slack_form form, const struct slack_start *start,
    const char **ret_trouble);

/* A post as the API takes it. */
struct slack_post {
    const char *target; /* "/v1/incidents" */
    json_t *body;
    json_t *errors;    /* what the form lacks: {block_id: text} */
    const char *title; /* of the incident */
    const char *scope; /* of a new one, as it was typed; NULL or "": everybody */
};
/* The post of a submitted view, owned by c->s. False: *ret_trouble is why there is none. */
bool slack_form_read(struct call *c, enum slack_form form, const json_t *view,
    struct slack_post *ret, const char **ret_trouble);
