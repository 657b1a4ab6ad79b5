#ifndef API_CONSOLE_CONSOLE_H
#define API_CONSOLE_CONSOLE_H
/*
 * The staff console: pages rendered here, which do what they do by calling the routes of
 * /v1 as the person who is signed in. So the console can do nothing that the API can not,
 * with the same checks and the same words, and a role is a set of scopes.
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

/* Answer with templates/page/staff/<name>.en.html ("home", "credits/run"). The words are the sets
 * "staff" (as t) and "staff_<part>" (as p; part: name up to its '/') of templates/labels; the
 * title is the word p.<name> or t.<name>, with '_' for '/'. context is completed with me {login,
 * name, roles}, may {scope words with '_' for ':' and '-'}, csrf, once (for console_call) and what
 * page_render adds. With live a section with data-live is shown anew each second, until the page
 * is without. */
enum rc console_reply(struct call *c, const char *name, json_t *context);

/* GET a /v1 route. What fails there fails here, with the same status. *ret_json is c->s's; what
 * the API leaves out is null in it, as templates want it. */
enum rc console_get(struct call *c, const char *target, json_t **ret_json);

/* The rows of a list: all of a short one, or the page of a long one that the console's own page was
 * asked for with "cursor". target of the latter has a query; next_cursor goes into context. */
enum rc console_rows(struct call *c, const char *target, json_t **ret_rows);
enum rc console_page_rows(struct call *c, json_t *context, const char *target, json_t **ret_rows);

/* Do a POST, PUT, PATCH or DELETE at a /v1 route. body may be NULL; it is borrowed. What the
 * form holds as "once" makes sure that a form that is sent twice does it once. A refusal is no
 * failure: *ret_json is the problem (RFC 9457), and the function is false. */
bool console_call(
    struct call *c, enum verb verb, const char *target, json_t *body, json_t **ret_json);

/* The same for a POST route that takes a long body: upload, which is closed by this. */
bool console_upload(struct call *c, const char *target, FILE *upload, json_t **ret_json);

/* What a problem says, into context as "problem" {detail, field}, for the page to be shown
 * again with what was typed: status 422 or what the problem had. NULL is fine. */
void console_put_problem(struct call *c, json_t *context, json_t *problem);

/* 303 to a page of the console; printf-like. What is inserted has to be harmless in a URL. */
enum rc console_go(struct call *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The language of the page. */
const char *console_locale(struct call *c);

/* Text as a part of a path or query. */
const char *console_escaped(struct call *c, const char *text);

/* The /v1 path of the incident in the page's own path, and what follows it: "/impacts". */
const char *console_incident_path(struct call *c, const char *tail);

/* What templates ask for beside what the API says: <name>_label, the word of the set <name>;
 * of an object, or of each in a list, which is returned. */
json_t *console_label(struct call *c, json_t *object, const char *name);
json_t *console_labelled(struct call *c, json_t *list, const char *name);

/* The same with the words of another set: console_word(c, one, "state", "subscriber_state"). */
json_t *console_word(struct call *c, json_t *object, const char *name, const char *set);

/* Warnings of a run or of impacts, with their text in the language of the page; the same list. */
json_t *console_warnings(struct call *c, json_t *list);

/* Broadcasts of the API's list with kind_label and state_label; the same list. */
json_t *console_broadcasts_worded(struct call *c, json_t *list);

/* A new list of {value, label, selected} for a select or radio buttons: words (ended by NULL)
 * with their labels of the set. selected: one of them, or NULL. */
json_t *console_choices(
    struct call *c, const char *const *words, const char *set, const char *selected);

/* The member of object, minor units of its "currency", as the page's language writes money: a
 * text member named as. Of every object in a list. Null stays null. */
void console_money(struct call *c, json_t *object, const char *member, const char *as);
void console_money_all(struct call *c, json_t *list, const char *member, const char *as);

/* Append "&name=value" of a query, unless value is NULL or empty. */
void console_query(struct call *c, struct strbuf *b, const char *name, const char *value);

/* Markdown as HTML, a new reference. */
json_t *console_markdown(struct call *c, const json_t *text);

/* Every value of a field that may stand more than once: checkboxes. Owned by c->s. */
struct texts console_values(struct call *c, const char *name);

route_fn console_home, console_incidents, console_incident_new, console_incident_new_post,
    console_templates, console_templates_post, console_postmortem, console_postmortem_post,
    console_incident, console_incident_post, console_impacts, console_impacts_post,
    console_broadcast, console_broadcast_post, console_subscribers, console_subscribers_post,
    console_subscriber, console_subscriber_post, console_suppressed, console_suppressed_post,
    console_imports, console_imports_post, console_import, console_import_post, console_components,
    console_components_post, console_notice, console_notice_post;

/* A page of the console; on a worker, because it asks other routes. sc: the scope it needs. */
#define STAFF(v, p, sc, f, d) \
    { \
        .verb = v, .path = p, .scope = sc, .staff = true, .page = true, .raw = v == POST, \
        .slow = true, .media = "text/html", .run = f, .doc = d \
    }

extern const struct route_list console_routes;

#endif
