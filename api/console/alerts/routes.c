#include "api/console/alerts/alerts.h"

static const struct route rows[] = {
    STAFF(GET, "/staff/alerts", "incidents:read", console_rules, "The rules for alerts."),
    STAFF(POST, "/staff/alerts", "incidents:write", console_rules_post, "Remove a rule."),
    STAFF(
        GET, "/staff/alerts/rules/new", "incidents:write", console_rule, "The form of a new rule."),
    STAFF(POST, "/staff/alerts/rules/new", "incidents:write", console_rule_post, "Add it."),
    STAFF(GET, "/staff/alerts/rules/{id}", "incidents:write", console_rule, "The form of a rule."),
    STAFF(POST, "/staff/alerts/rules/{id}", "incidents:write", console_rule_post, "Replace it."),
};
const struct route_list console_alert_routes = ROUTE_LIST(rows);
