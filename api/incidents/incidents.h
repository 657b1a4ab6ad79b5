#pragma once
/* Components, incidents with their updates and impacts, post-mortems, promises and templates. */
#include "api/call/call.h"

extern const struct route_list incident_routes;

extern const struct shape component_shape, new_component_shape, component_change_shape;
extern const struct shape component_group_shape, component_group_change_shape;
extern const struct shape incident_shape, impact_scope_shape;
extern const char *const incident_audiences[];
extern const struct shape new_incident_shape, incident_posted_shape, incident_filter_shape;
extern const struct shape post_preview_shape;
extern const struct shape incident_preview_shape, update_preview_shape, postmortem_preview_shape;
extern const struct shape credit_evidence_warning_shape;
extern const struct shape incident_change_shape, update_change_shape, incident_template_shape;
extern const struct shape new_incident_template_shape;
extern const struct shape incident_template_change_shape, new_postmortem_shape;
extern const struct shape postmortem_posted_shape, promise_shape;
extern const struct shape promise_filter_shape, update_shape, new_update_shape, impacts_shape;
extern const struct shape retract_shape, retracted_shape, retracted_credits_shape;
extern const struct shape new_impacts_shape, held_post_shape, held_post_filter_shape;
route_fn component_list, component_create, component_change, component_group_list,
    component_group_change, incident_list, incident_create, incident_get, incident_preview,
    update_preview, postmortem_preview, incident_warning_list, incident_change, update_change,
    incident_template_list, incident_template_create, incident_template_change,
    incident_template_delete, postmortem_create, promise_list, update_create, impact_get,
    impact_replace, held_post_list, held_post_show, held_post_undo, held_post_publish,
    incident_retract;

/* Check labels of a scope, a text or a list of texts by key; NULL: none. RC_INVALID on field. */
enum rc impact_labels_check(struct scope *s, const char *field, const json_t *labels);

/* Check the JSON text of a scope; NULL text: none. ret_scope may be NULL. */
enum rc impact_scope_check(
    struct scope *s, const char *field, const char *text, json_t **ret_scope);

/* Check that the account list of a checked scope (NULL: none) exists. RC_INVALID on field.list. */
enum rc impact_scope_find(struct scope *s, struct db *db, const char *field, const json_t *scope);
