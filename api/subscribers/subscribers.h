#ifndef API_SUBSCRIBERS_SUBSCRIBERS_H
#define API_SUBSCRIBERS_SUBSCRIBERS_H
/* Subscribers and the suppression list. */
#include "api/call/call.h"

extern const struct route_list subscriber_routes;

extern const struct shape subscriber_shape, new_subscriber_shape, subscriber_change_shape;
extern const struct shape subscriber_filter_shape;
extern const struct shape subscriber_end_shape, sent_shape, agreement_shape;
extern const struct shape suppression_shape, suppression_filter_shape, new_suppression_shape;
extern const struct shape suppression_end_shape;
extern const struct shape bounce_rule_shape;
enum rc subscriber_list(struct call *c);
enum rc subscriber_create(struct call *c);
enum rc subscriber_get(struct call *c);
enum rc subscriber_change(struct call *c);
enum rc subscriber_delete(struct call *c);
enum rc subscriber_deliveries(struct call *c);
enum rc subscriber_consents(struct call *c);
enum rc subscriber_link(struct call *c);
enum rc subscriber_rotate(struct call *c);
enum rc suppression_list(struct call *c);
enum rc suppression_create(struct call *c);
enum rc suppression_delete(struct call *c);
enum rc bounce_rule_get(struct call *c);
enum rc bounce_rule_put(struct call *c);

#endif
