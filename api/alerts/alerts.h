#pragma once
/*
 * Alerts of monitoring: sources that send them, rules that say which component they concern, and
 * the incidents that they suggest. docs/guides/alerts.md.
 */
#include "api/alerts/alert_format.h"
#include "api/call/call.h"
#include "api/signatures/hook_secret.h"

extern const struct route_list alert_routes;

extern const struct shape alert_source_shape, new_alert_source_shape, alert_source_made_shape,
    alert_source_change_shape, alert_source_rotation_shape;
extern const struct shape alert_rule_shape, new_alert_rule_shape;
extern const struct shape alert_test_query_shape, alert_test_shape, alerts_received_shape;
extern const struct shape suggestion_shape, suggestion_filter_shape, suggestion_publish_shape;
extern const struct shape suggestion_resolve_shape, suggestion_merge_shape;
route_fn alert_source_list, alert_source_create, alert_source_get, alert_source_change,
    alert_source_rotate, alert_source_delete, alert_rule_list, alert_rule_get, alert_rule_create,
    alert_rule_replace, alert_rule_delete, alert_test, hook_alerts, suggestion_list, suggestion_get,
    suggestion_publish, suggestion_merge, suggestion_dismiss, suggestion_resolve;

struct alert_source {
    int64_t id;
    const struct alert_format *format;
    struct hook_secret secret;
    struct texts topics; /* of Amazon SNS */
};

/* The source of a name, with its format and secret. RC_NOT_FOUND: none. */
enum rc alert_source_find(struct scope *s, struct db *db, const struct sign *keys, const char *name,
    struct alert_source *ret);

/* Count a request of a source: whether it may send more in this minute. */
enum rc alert_source_counts(struct scope *s, struct db *db, int64_t source, bool *ret);

/* Store alerts (alert_format_read's, as JSON) and settle what they change. In a transaction. */
enum rc alerts_receive(
    struct scope *s, struct db *db, int64_t source, const char *alerts, const char *public_url);
