#ifndef API_STAFF_DESK_H
#define API_STAFF_DESK_H
/*
 * The staff console: pages rendered here, which do what they do by calling the routes of
 * /v1 as the person who is signed in. So the console can do nothing that the API can not,
 * with the same checks and the same words, and a role is a set of scopes.
 *
 *     enum rc desk_policies(struct call *c)
 *     {
 *         json_t *context = json_own(c->s, json_object()), *list;
 *         TRY(desk_get(c, "/v1/policies", &list));
 *         json_object_set(context, "policies", json_object_get(list, "data"));
 *         return desk_reply(c, "policies", context);
 *     }
 */
#include <jansson.h>

#include "api/call.h"
#include "api/form.h"

/* Answer with templates/page/staff_<name>.en.html. The words are the sets "staff" (as t) and
 * "staff_<part>" (as p; part: name up to its first '_') of templates/labels; the title is the
 * word p.<name> or t.<name>. context is completed with me {login, name, roles}, may {scope
 * words with '_' for ':' and '-'}, csrf, once (for desk_post) and what page_render adds. */
enum rc desk_reply(struct call *c, const char *name, json_t *context);

/* GET a /v1 route. What fails there fails here, with the same status. *ret_json is c->s's. */
enum rc desk_get(struct call *c, const char *target, json_t **ret_json);

/* Do a POST, PUT, PATCH or DELETE at a /v1 route. body may be NULL; it is borrowed. What the
 * form holds as "once" makes sure that a form that is sent twice does it once. A refusal is no
 * failure: *ret_json is the problem (RFC 9457), and the function is false. */
bool desk_do(struct call *c, enum verb verb, const char *target, json_t *body, json_t **ret_json);

/* What a problem says, into context as "problem" {detail, field}, for the page to be shown
 * again with what was typed: status 422 or what the problem had. */
void desk_put_problem(struct call *c, json_t *context, json_t *problem);

/* 303 to a page of the console; printf-like. What is inserted has to be harmless in a URL. */
enum rc desk_go(struct call *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Every value of a field that may stand more than once: checkboxes. Owned by c->s. */
struct texts desk_values(struct call *c, const char *name);

enum rc desk_login(struct call *c);
enum rc desk_login_do(struct call *c);
enum rc desk_logout_do(struct call *c);
enum rc desk_welcome(struct call *c);
enum rc desk_welcome_do(struct call *c);
enum rc desk_home(struct call *c);
enum rc desk_account(struct call *c);
enum rc desk_account_do(struct call *c);

#endif
