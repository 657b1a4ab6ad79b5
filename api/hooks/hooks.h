#pragma once
/* Callbacks of providers and mail servers. */
#include "api/call/call.h"

extern const struct route_list hook_routes;

extern const struct shape inbound_shape, mail_query_shape;
route_fn hook_mail, hook_sms_status, hook_sms_inbound;
