#ifndef API_CONSOLE_ACCESS_ACCESS_H
#define API_CONSOLE_ACCESS_ACCESS_H
/* The console's pages about access: sign-in, one's own account, staff, keys, audit. */
#include "api/console/desk.h"

extern const struct route_list console_access_routes;

enum rc desk_login(struct call *c);
enum rc desk_login_do(struct call *c);
enum rc desk_oidc_start(struct call *c);
enum rc desk_oidc_callback(struct call *c);
enum rc desk_logout_do(struct call *c);
enum rc desk_welcome(struct call *c);
enum rc desk_welcome_do(struct call *c);
enum rc desk_people(struct call *c);
enum rc desk_people_do(struct call *c);
enum rc desk_keys(struct call *c);
enum rc desk_keys_do(struct call *c);
enum rc desk_audit(struct call *c);
enum rc desk_account(struct call *c);
enum rc desk_account_do(struct call *c);

#endif
