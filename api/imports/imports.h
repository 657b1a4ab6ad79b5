#pragma once
/* Imports of subscribers and accounts, and the export. */
#include "api/call/call.h"

extern const struct route_list import_routes;

extern const struct shape subscriber_export_filter_shape, subscriber_line_shape,
    import_options_shape;
extern const struct shape apply_options_shape, undo_options_shape;
extern const struct shape subscriber_import_shape, import_line_filter_shape;
extern const struct shape account_line_shape;
extern const struct shape account_options_shape, account_outcome_shape;
route_fn subscriber_import, subscriber_export, import_list, import_get, import_line_list,
    import_apply, import_undo, import_cancel, account_import, account_list_create,
    account_list_list;
extern const struct shape account_list_shape, account_list_line_shape;
