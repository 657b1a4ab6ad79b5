#pragma once
/* API keys, staff and the audit log. */
#include "api/call/call.h"

extern const struct route_list access_routes;

/* Record a new key in the audit log, and report it to all admins if it was made for its owner
 * (login) by somebody else; NULL: it was not. Call it within the transaction that makes the key. */
enum rc key_record(
    struct scope *s, struct db *db, const char *actor, int64_t id, const char *owner);

extern const struct shape key_filter_shape, listed_key_shape, new_key_shape, created_key_shape,
    person_shape;
extern const struct shape new_staff_shape, staff_change_shape, staff_invitation_shape;
extern const struct shape audit_row_shape;
extern const struct shape audit_filter_shape;
route_fn key_list, key_create, key_delete, staff_list, staff_post, staff_patch,
    staff_invitation_post, audit_list;
