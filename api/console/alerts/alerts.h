#pragma once
/* The console's pages about alerts: rules, sources and a dry run; and what they share. */
#include "api/console/console.h"

extern const struct route_list console_alert_routes;

route_fn console_rules, console_rules_post, console_rule, console_rule_post, console_alert_sources,
    console_alert_sources_post, console_alert_source, console_alert_source_post, console_measured,
    console_measured_post, console_measured_source, console_measured_source_post, console_dry_run,
    console_dry_run_post;

/* A label of the set "staff_alerts" with facts (a new reference or NULL) in it, a new string. */
json_t *alerts_say(struct call *c, const char *label, json_t *facts);

/* All rules, in the order in which they are tried. */
enum rc alerts_rules(struct call *c, json_t **ret);

/* Components to choose from, [{value, label, selected}], those that are archived left out. */
enum rc alerts_components(struct call *c, const char *chosen, json_t **ret);

/* The name of one of them, or else its slug. */
const char *alerts_component_name(const json_t *components, const char *slug);

/* The names of alert sources as [name]: all for those who may list them, else those of rules. */
enum rc alerts_source_names(struct call *c, json_t **ret);

/* A field of a form, and its member in the body of a request. */
struct alerts_field {
    const char *name;
    enum { ALERTS_TEXT, ALERTS_NUMBER, ALERTS_LIST } kind; /* LIST: quoted_list */
};

/* Set the members that were typed; empty ones are left out. What is no number stays text, for the
 * API to refuse by name. fields ends with a NULL name. */
void alerts_take(struct call *c, json_t *body, const struct alerts_field *fields);

/* The same members as text for the form, of an object of the API; NULL: all empty. A new object. */
json_t *alerts_shown(struct call *c, const json_t *object, const struct alerts_field *fields);

/* Put a new source, the reply of the API, into context as "made"; NULL: none. Its "long_url", if
 * set, has the token. */
void alerts_put_made(json_t *made, json_t *context);

/* The formats that the executable carries: [{value, label, selected}], a new list. */
json_t *alerts_formats(struct call *c, const char *chosen);

/* Add to a new source or secret what the source needs besides its URL, by the way in which its
 * format authenticates; not for a format of its own. */
void alerts_put_token(struct call *c, json_t *made);

/* The choices for how long a rotated secret also works: [{value, label, selected}], a new list. */
json_t *alerts_overlaps(struct call *c);

/* Rotate the secret of the source at a /v1 path, as the form says. False: *ret is the problem. */
bool alerts_rotate(struct call *c, const char *path, json_t **ret);
