#ifndef API_ACCESS_ACCESS_H
#define API_ACCESS_ACCESS_H
/* API keys, staff and the audit log. */
#include "api/call/call.h"

extern const struct route_list access_routes;

extern const struct shape listed_key_shape, new_key_shape, created_key_shape, person_shape;
extern const struct shape new_staff_shape, staff_change_shape, staff_invitation_shape;
extern const struct shape audit_row_shape;
extern const struct shape audit_filter_shape;
enum rc key_list(struct call *c);
enum rc key_create(struct call *c);
enum rc key_delete(struct call *c);
enum rc staff_list(struct call *c);
enum rc staff_post(struct call *c);
enum rc staff_patch(struct call *c);
enum rc staff_invitation_post(struct call *c);
enum rc audit_list(struct call *c);

#endif
