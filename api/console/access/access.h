#ifndef API_CONSOLE_ACCESS_ACCESS_H
#define API_CONSOLE_ACCESS_ACCESS_H
/* The console's pages about access: sign-in, one's own account, staff, keys, audit. */
#include "api/console/console.h"

extern const struct route_list console_access_routes;

enum rc console_login(struct call *c);
enum rc console_login_post(struct call *c);
enum rc console_oidc_start(struct call *c);
enum rc console_oidc_callback(struct call *c);
enum rc console_logout_post(struct call *c);
enum rc console_welcome(struct call *c);
enum rc console_welcome_post(struct call *c);
enum rc console_people(struct call *c);
enum rc console_people_post(struct call *c);
enum rc console_keys(struct call *c);
enum rc console_keys_post(struct call *c);
enum rc console_audit(struct call *c);
enum rc console_account(struct call *c);
enum rc console_account_post(struct call *c);

#endif
