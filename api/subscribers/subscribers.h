#pragma once
/* Subscribers and the suppression list. */
#include "api/call/call.h"

extern const struct route_list subscriber_routes;

extern const struct shape subscriber_shape, new_subscriber_shape, subscriber_change_shape;
extern const struct shape subscriber_filter_shape;
extern const struct shape subscriber_end_shape, sent_shape, agreement_shape;
extern const struct shape suppression_shape, suppression_filter_shape, new_suppression_shape;
extern const struct shape suppression_end_shape, suppressions_undo_shape;
extern const struct shape suppressions_undone_shape;
extern const struct shape bounce_rule_shape, subscriber_languages_shape;
route_fn subscriber_list, subscriber_create, subscriber_get, subscriber_change, subscriber_delete,
    subscriber_deliveries, subscriber_consents, subscriber_link, subscriber_rotate,
    suppression_list, suppression_create, suppression_delete, suppressions_undo_post,
    bounce_rule_get, bounce_rule_put, subscriber_languages_get;
