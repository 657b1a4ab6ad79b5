#include "api/reports/reports.h"

static const struct route rows[] = {
    {.verb = GET,
        .path = "/v1/accounts/{external_id}/sla-report",
        .id = "getAccountSlaReport",
        .scope = "accounts:read",
        .slow = true,
        .query = &sla_filter_shape,
        .reply = &sla_account_shape,
        .media = "text/csv",
        .run = sla_report_get,
        .doc = "The uptime of an account by calendar window and component, with its credits."},
    {.verb = GET,
        .path = "/v1/sla-report",
        .id = "listSlaReports",
        .scope = "accounts:read",
        .slow = true,
        .query = &sla_list_filter_shape,
        .reply = &sla_account_shape,
        .media = "text/csv",
        .list = true,
        .run = sla_report_list,
        .doc = "The same for all accounts, page by page; as CSV all at once."},
};
const struct route_list report_routes = ROUTE_LIST(rows);
