#pragma once
/* The page of an account, behind a signed link for its contacts. */
#include "api/call/call.h"

extern const struct route_list account_routes;
extern const struct shape new_account_link_shape, account_link_shape;
extern const struct shape new_account_oidc_shape, account_oidc_shape;
extern const struct shape own_overview_shape, own_incident_row_shape;

route_fn page_account, page_account_enter, page_account_report, page_account_incident,
    page_account_credits, page_account_credit, page_account_credit_post, account_link_create,
    account_link_revoke, page_account_ask, page_account_ask_post, page_account_join,
    page_account_join_post, page_account_contacts, page_account_contacts_post, page_account_channel,
    page_account_channel_post, own_account_get, own_incident_list, own_uptime_get, own_credit_list,
    own_credit_get, account_oidc_get, account_oidc_replace, account_oidc_delete, page_account_login,
    page_account_login_callback;
