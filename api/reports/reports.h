#pragma once
/* Reports about accounts. */
#include "api/call/call.h"

extern const struct route_list report_routes;
extern const struct shape sla_filter_shape, sla_list_filter_shape, sla_account_shape;
route_fn sla_report_get, sla_report_list;
