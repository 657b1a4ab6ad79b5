#pragma once
/*
 * The staff console: its pages act by calling the routes of /v1 as the person signed in. So the
 * console can do exactly as much as the API, with the same checks and messages, and a role is a set
 * of scopes.
 *
 *     enum rc console_policies(struct call *c)
 *     {
 *         json_t *context = json_own(c->s, json_object()), *policies;
 *         TRY(console_rows(c, "/v1/policies", &policies));
 *         json_object_set(context, "policies", policies);
 *         return console_reply(c, "policies", context);
 *     }
 */
#include <jansson.h>

#include "api/call/call.h"
#include "api/call/form.h"

/* Reply with templates/page/staff/<name>.en.html ("home", "credits/run"). Its labels are the sets
 * "staff" (as t) and "staff_<part>" (as p; part: name up to its '/') of templates/labels; the title
 * is that of console_title, else the label p.<name> or t.<name>, with '_' for '/'. Adds to context:
 * me {login, name, roles}, may {scopes with '_' for ':' and '-'}, csrf, once (for console_call) and
 * the members of page_render. With live, a section with data-live is refreshed every second until
 * the page has none. */
enum rc console_reply(struct call *c, const char *name, json_t *context);

/* GET a /v1 route. A failure there is a failure here, with the same status. c->s owns *ret_json;
 * members that the API omits are null, as templates require. */
enum rc console_get(struct call *c, const char *target, json_t **ret_json);

/* The rows of a list: all of a short one, or the page of a long one that the console's own page was
 * asked for with "cursor". target of the latter has a query; next_cursor goes into context. */
enum rc console_rows(struct call *c, const char *target, json_t **ret_rows);
/* Those of all pages. */
enum rc console_all_rows(struct call *c, const char *target, json_t **ret_rows);
enum rc console_page_rows(struct call *c, json_t *context, const char *target, json_t **ret_rows);

/* POST, PUT, PATCH or DELETE on a /v1 route. body is borrowed and may be NULL. The form's field
 * "once" ensures that a form sent twice takes effect once. A refusal is not a failure: *ret_json is
 * the problem (RFC 9457), and the result is false. */
bool console_call(
    struct call *c, enum verb verb, const char *target, json_t *body, json_t **ret_json);

/* The same for a POST route with a long body in upload; closes upload. */
bool console_upload(struct call *c, const char *target, FILE *upload, json_t **ret_json);

/* Put a problem into context, to show the page again with the input: status 422 or that of the
 * problem. Its "detail" stands on top, and the message of each invalid field beside the field,
 * which console_reply finds (api/forms/mark.h). NULL is fine. */
void console_put_problem(struct call *c, json_t *context, json_t *problem);

/* The same for one field, with a label of the set "staff"; and the failure of c->s, where a page
 * acts without a route, as the problem that one would have told. */
void console_put_error(struct call *c, json_t *context, const char *field, const char *label);
json_t *console_fault(struct call *c);

/* Name the invalid fields of a list by the form's rows: "impacts[2].to" becomes "to:KEY" with the
 * third of keys. */
void console_name_rows(struct call *c, json_t *problem, const char *list, struct texts keys);

/* For console_reply: what console_put_problem has put, into the rendered page. */
void console_mark(struct call *c, const json_t *context);

/* The page of a failure on an address of the console, with its navigation if somebody is signed
 * in. */
enum rc console_failure(struct call *c, int status, const char *detail);

/* 303 to a page of the console; printf-like. Inserted values must be safe in a URL. */
enum rc console_go(struct call *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The name of the one thing that the page is about, for its title: "Held post: Messages are late".
 * Without one it is what the path names. */
void console_title(json_t *context, const char *name);

/* Write the times of a rendered page in the zone of the person signed in, for browsers without
 * script; with it page.js does. */
void console_times(struct call *c);

/* The value of a datetime-local field, to the minute, in the zone of the person signed in, for a
 * moment (RFC 3339 or NULL); and back. was: the moment that the field showed, or "": unchanged, it
 * keeps its seconds. What is no such value stays, for the API to refuse. */
const char *console_wall(struct call *c, const char *at);
const char *console_moment(struct call *c, const char *typed, const char *was);

/* The language of the page. */
const char *console_locale(struct call *c);

/* The instant of a member, in us; SHAPE_NONE: it has none. */
int64_t console_instant(const json_t *object, const char *name);

/* Text escaped for a path or query. */
const char *console_escaped(struct call *c, const char *text);

/* The /v1 path of the incident in the page's path, with a suffix such as "/impacts". */
const char *console_incident_path(struct call *c, const char *tail);

/* Add <name>_label, the label of the set <name> for the value of member <name>, to an object or to
 * each object of a list; returns it. */
json_t *console_label(struct call *c, json_t *object, const char *name);
json_t *console_labelled(struct call *c, json_t *list, const char *name);

/* Add `name`, of the component whose slug is the member `component`, to each object of a list; what
 * is no component any more keeps its slug. */
enum rc console_name_components(struct call *c, json_t *list);

/* The same with the labels of another set: console_word(c, one, "state", "subscriber_state"). */
json_t *console_word(struct call *c, json_t *object, const char *name, const char *set);

/* Add the text in the page's language to warnings of a run or of impacts; returns the list. */
json_t *console_warnings(struct call *c, json_t *list);

/* Add kind_label and state_label to broadcasts of the API's list; returns the list. */
json_t *console_broadcasts_worded(struct call *c, json_t *list);

/* What one click would post to end an incident, as "resolve_text" (null: nothing to end) and
 * "resolve_label"; and that post, with an undo window. A refusal is as of console_call. */
void console_put_resolve(
    struct call *c, json_t *incident, json_t *templates, bool retracted, json_t *context);
bool console_resolve(struct call *c, json_t **ret_reply);

/* The choices of an undo window, a new list; and what was chosen, into the body of a post. */
json_t *console_holds(struct call *c);
void console_take_hold(struct call *c, json_t *body);

/* The incidents that alerts suggest, and those whose alerts are over, into context as
 * "suggestions". */
enum rc console_put_suggestions(struct call *c, json_t *context);

/* Pictures of the requests that failed, for those of suggestions that come from measured requests,
 * into context as "ratios". Their windows have the names of their components. */
enum rc console_put_ratios(struct call *c, const json_t *suggestions, json_t *context);

/* The posts in their undo window into context as "held": all, or those of one incident. */
enum rc console_put_held(struct call *c, const char *ref, json_t *context);

/* The estimate of what the incident in the page's path costs, as "liability"; null for those who
 * may not read it. burns: the incident is open, so a first estimate is to come. */
enum rc console_put_liability(struct call *c, bool burns, json_t *context);

/* Go on after a post: to the held post, which can be undone, to its broadcast, or else to the
 * incident. reply: of the /v1 route; ref: escaped. */
enum rc console_posted(struct call *c, const char *ref, json_t *reply);

/* A new list of {value, label, selected} for a select or radio buttons: words (NULL-terminated)
 * with their labels of the set. selected: one of them, or NULL. */
json_t *console_choices(
    struct call *c, const char *const *words, const char *set, const char *selected);

/* Format the member of object, in minor units of its "currency", for the page's language, as the
 * text member named as. Also for every object of a list. Null stays null. */
void console_money(struct call *c, json_t *object, const char *member, const char *as);
void console_money_all(struct call *c, json_t *list, const char *member, const char *as);

/* Basis points as a percentage, "99.95" or "50", without the sign. */
const char *console_percent(struct call *c, const json_t *bp);

/* And back, a new reference: what is no percentage stays text, for the API to refuse. */
json_t *console_basis_points(const char *text);

/* Append "&name=value" to a query, unless value is NULL or empty. */
void console_query(struct call *c, struct strbuf *b, const char *name, const char *value);

/* Markdown as HTML, a new reference. */
json_t *console_markdown(struct call *c, const json_t *text);

/* All values of a repeated field (checkboxes), owned by c->s. */
struct texts console_values(struct call *c, const char *name);

route_fn console_home, console_incidents, console_incident_new, console_incident_new_post,
    console_templates, console_templates_post, console_postmortem, console_postmortem_post,
    console_incident, console_incident_post, console_suggestion, console_suggestion_post,
    console_held, console_held_post, console_retract, console_retract_post, console_impacts,
    console_impacts_post, console_broadcast, console_broadcast_post, console_subscribers,
    console_subscribers_post, console_subscriber, console_subscriber_post, console_suppressed,
    console_suppressed_post, console_imports, console_imports_post, console_import,
    console_import_post, console_components, console_components_post,
    console_component_translations, console_component_translations_post, console_design,
    console_notice, console_notice_post;
route_fn console_brand, console_brand_post, console_brand_image, console_brand_preview,
    console_brand_css;
route_fn console_outbox, console_outbox_message, console_outbox_html;

/* A page of the console; on a worker, because it calls other routes. sc: the required scope. */
#define STAFF(v, p, sc, f, d) \
    { \
        .verb = v, .path = p, .scope = sc, .staff = true, .page = true, .raw = v == POST, \
        .slow = true, .media = "text/html", .run = f, .doc = d \
    }

extern const struct route_list console_routes;
