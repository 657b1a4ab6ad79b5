#ifndef API_READERS_READERS_H
#define API_READERS_READERS_H
/* Pages that links in messages open, and the forms to subscribe. */
#include "api/call/call.h"

extern const struct route_list reader_routes;

enum rc page_unsubscribe(struct call *c);
enum rc page_unsubscribe_post(struct call *c);
enum rc page_confirm(struct call *c);
enum rc page_confirm_post(struct call *c);
enum rc page_credit(struct call *c);
enum rc page_credit_post(struct call *c);
enum rc page_subscribe(struct call *c);
enum rc page_subscribe_post(struct call *c);
enum rc page_subscribe_check(struct call *c);
enum rc page_subscribe_code(struct call *c);
enum rc page_slack_callback(struct call *c);
enum rc page_manage(struct call *c);
enum rc page_manage_post(struct call *c);
enum rc page_manage_link(struct call *c);
enum rc page_manage_enter(struct call *c);
enum rc page_preferences(struct call *c);
enum rc page_preferences_post(struct call *c);
enum rc page_preferences_record(struct call *c);

#endif
