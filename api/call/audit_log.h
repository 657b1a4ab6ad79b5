#pragma once
#include "core/db/db.h"
#include "core/scope.h"
#include "core/shape.h"

/* The JSON of amends.key_who: who did something, in a reply. */
extern const struct shape actor_shape;

/* Append to the audit log in the running transaction. detail: JSON text or NULL. */
enum rc audit_add(struct scope *s, struct db *db, const char *actor, const char *action,
    const char *object, const char *detail);
