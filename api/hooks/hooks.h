#ifndef API_HOOKS_HOOKS_H
#define API_HOOKS_HOOKS_H
/* What providers and mail servers report. */
#include "api/call/call.h"

extern const struct route_list hook_routes;

extern const struct shape inbound_shape, mail_query_shape;
enum rc hook_mail(struct call *c);
enum rc hook_sms_status(struct call *c);
enum rc hook_slack(struct call *c);
enum rc hook_sms_inbound(struct call *c);

#endif
