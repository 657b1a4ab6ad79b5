#pragma once
/* What open incidents would cost, and the amounts from which that is reported to staff. */
#include "api/call/call.h"

extern const struct shape liability_shape, liability_alert_shape, liability_alert_change_shape;
route_fn liability_get, liability_alert_list, liability_alert_put, liability_alert_delete;
