#include "api/console/alerts/alerts.h"

static const struct route rows[] = {
    STAFF(GET, "/staff/alerts", "incidents:read", console_rules, "The rules for alerts."),
    STAFF(POST, "/staff/alerts", "incidents:write", console_rules_post, "Remove a rule."),
    STAFF(
        GET, "/staff/alerts/rules/new", "incidents:write", console_rule, "The form of a new rule."),
    STAFF(POST, "/staff/alerts/rules/new", "incidents:write", console_rule_post, "Add it."),
    STAFF(GET, "/staff/alerts/rules/{id}", "incidents:write", console_rule, "The form of a rule."),
    STAFF(POST, "/staff/alerts/rules/{id}", "incidents:write", console_rule_post, "Replace it."),
    STAFF(GET, "/staff/alerts/sources", "admin", console_alert_sources, "Where alerts come from."),
    STAFF(POST, "/staff/alerts/sources", "admin", console_alert_sources_post,
        "Add a source, whose token the reply shows, or remove one."),
    STAFF(GET, "/staff/alerts/sources/{name}", "admin", console_alert_source,
        "The form of a source."),
    STAFF(POST, "/staff/alerts/sources/{name}", "admin", console_alert_source_post,
        "Change a source, or rotate its secret, which the reply shows."),
    STAFF(GET, "/staff/alerts/measurements", "admin", console_measured,
        "Where counts of requests come from."),
    STAFF(POST, "/staff/alerts/measurements", "admin", console_measured_post,
        "Add a source, whose token the reply shows, or remove one."),
    STAFF(GET, "/staff/alerts/measurements/{name}", "admin", console_measured_source,
        "The form of a source of counts."),
    STAFF(POST, "/staff/alerts/measurements/{name}", "admin", console_measured_source_post,
        "Change a source, or rotate its token, which the reply shows."),
    STAFF(GET, "/staff/alerts/test", "incidents:read", console_dry_run,
        "The form for a dry run of the rules."),
    STAFF(POST, "/staff/alerts/test", "incidents:read", console_dry_run_post,
        "The rule for each alert of a request; writes nothing."),
};
const struct route_list console_alert_routes = ROUTE_LIST(rows);
