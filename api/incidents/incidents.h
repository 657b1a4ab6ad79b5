#ifndef API_INCIDENTS_INCIDENTS_H
#define API_INCIDENTS_INCIDENTS_H
/* Components, incidents with their updates and impacts, post-mortems, promises and templates. */
#include "api/call/call.h"

extern const struct route_list incident_routes;

extern const struct shape component_shape, new_component_shape, component_change_shape;
extern const struct shape incident_shape;
extern const struct shape new_incident_shape, incident_posted_shape, incident_filter_shape;
extern const struct shape post_preview_shape;
extern const struct shape incident_preview_shape, update_preview_shape, postmortem_preview_shape;
extern const struct shape credit_evidence_warning_shape;
extern const struct shape incident_change_shape, update_change_shape, incident_template_shape;
extern const struct shape new_incident_template_shape;
extern const struct shape incident_template_change_shape, new_postmortem_shape;
extern const struct shape postmortem_posted_shape, promise_shape;
extern const struct shape promise_filter_shape, update_shape, new_update_shape, impacts_shape;
extern const struct shape new_impacts_shape;
enum rc component_list(struct call *c);
enum rc component_create(struct call *c);
enum rc component_change(struct call *c);
enum rc incident_list(struct call *c);
enum rc incident_create(struct call *c);
enum rc incident_get(struct call *c);
enum rc incident_preview(struct call *c);
enum rc update_preview(struct call *c);
enum rc postmortem_preview(struct call *c);
enum rc incident_warning_list(struct call *c);
enum rc incident_change(struct call *c);
enum rc update_change(struct call *c);
enum rc incident_template_list(struct call *c);
enum rc incident_template_create(struct call *c);
enum rc incident_template_change(struct call *c);
enum rc incident_template_delete(struct call *c);
enum rc postmortem_create(struct call *c);
enum rc promise_list(struct call *c);
enum rc update_create(struct call *c);
enum rc impact_get(struct call *c);
enum rc impact_replace(struct call *c);

#endif
