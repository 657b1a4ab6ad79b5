#pragma once
/* The page of an incident (templates/page/incident.en.html): the public one, and that of an account
 * with the components and windows that concern it alone. */
#include "api/public/public.h"

struct incident_component {
    const char *name, *translations, *level; /* the worst */
};
struct incident_impact {
    const char *name, *translations, *level; /* name: of the component */
    int64_t from_at, to_at;                  /* SHAPE_NONE: still open */
};
extern const struct shape incident_component_shape, incident_impact_shape;

struct incident_page {
    struct public_row head;
    struct list updates;    /* struct public_row, newest first */
    struct list components; /* struct incident_component */
    struct list impacts;    /* struct incident_impact */
};

/* "incident", "maintenance", "updates", "affected" and "timeline" for the job's reader; "open" (the
 * button to subscribe) and "visit" (the navigation of an account) are the caller's. */
void incident_put(
    const struct cached_page_job *job, const struct incident_page *page, json_t *context);
