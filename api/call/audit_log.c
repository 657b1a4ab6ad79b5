#include "api/call/audit_log.h"

SHAPE_EXTERN(struct actor, actor_shape, "Actor",
    FIELD(TEXT, person, .required = true, .doc = "Person, or key without one."),
    FIELD(TEXT, name, .required = true, .doc = "Name."));

STMT(audit_insert,
    "INSERT INTO audit (actor, action, object, detail) VALUES ($1, $2, $3, $4::jsonb)");

enum rc audit_add(struct scope *s, struct db *db, const char *actor, const char *action,
    const char *object, const char *detail)
{
    return db_do(s, db, &audit_insert,
        PARAMS(P_TEXT(actor), P_TEXT(action), P_TEXT(object), P_TEXT(detail)), NULL);
}
