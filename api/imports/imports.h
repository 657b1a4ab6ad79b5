#ifndef API_IMPORTS_IMPORTS_H
#define API_IMPORTS_IMPORTS_H
/* Imports of subscribers and accounts, and the export. */
#include "api/call/call.h"

extern const struct route_list import_routes;

extern const struct shape subscriber_export_filter_shape, subscriber_line_shape,
    import_options_shape;
extern const struct shape apply_options_shape;
extern const struct shape subscriber_import_shape, import_filter_shape, import_line_filter_shape;
extern const struct shape account_line_shape;
extern const struct shape account_options_shape, account_outcome_shape;
enum rc subscriber_import(struct call *c);
enum rc subscriber_export(struct call *c);
enum rc import_list(struct call *c);
enum rc import_get(struct call *c);
enum rc import_line_list(struct call *c);
enum rc import_apply(struct call *c);
enum rc import_undo(struct call *c);
enum rc account_import(struct call *c);

#endif
