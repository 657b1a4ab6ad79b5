#pragma once
/* The page of an account, behind a signed link for its contacts. */
#include "api/call/call.h"

extern const struct route_list account_routes;
extern const struct shape new_account_link_shape, account_link_shape;

route_fn page_account, page_account_enter, page_account_report, account_link_create,
    account_link_revoke;
