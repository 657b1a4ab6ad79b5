#ifndef API_BROADCASTS_BROADCASTS_H
#define API_BROADCASTS_BROADCASTS_H
/* Broadcasts, their deliveries, and notices. */
#include "api/call/call.h"

extern const struct route_list broadcast_routes;

extern const struct shape broadcast_shape, delivery_shape, delivery_filter_shape;
extern const struct shape broadcast_line_shape;
extern const struct shape broadcast_filter_shape, new_notice_shape;
extern const struct shape seen_notice_shape;
extern const struct shape test_notice_shape, preview_shape;
enum rc broadcast_list(struct call *c);
enum rc broadcast_show(struct call *c);
enum rc broadcast_events(struct call *c);
enum rc broadcast_cancel(struct call *c);
enum rc broadcast_retry(struct call *c);
enum rc delivery_list(struct call *c);
enum rc delivery_replay(struct call *c);
enum rc notice_create(struct call *c);
enum rc notice_preview(struct call *c);
enum rc notice_test(struct call *c);

#endif
