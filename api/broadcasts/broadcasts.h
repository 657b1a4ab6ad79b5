#pragma once
/* Broadcasts, their deliveries, and notices. */
#include "api/call/call.h"

extern const struct route_list broadcast_routes;

extern const struct shape broadcast_shape, delivery_shape, delivery_filter_shape,
    delivery_reason_shape;
extern const struct shape broadcast_line_shape;
extern const struct shape broadcast_filter_shape, new_notice_shape;
extern const struct shape seen_notice_shape;
extern const struct shape test_notice_shape, preview_shape, resume_shape;
route_fn broadcast_list, broadcast_show, broadcast_events, broadcast_cancel, broadcast_retry,
    broadcast_resume, delivery_list, delivery_reason_list, delivery_replay, notice_create,
    notice_preview, notice_test;
