/* GET POST /v1/policies: immutable; equal content under the same name is the same version. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/lookup.h"
#include "api/credits/credits.h"
#include "core/db/locks.h"

SHAPE_EXTERN(struct stored_policy, stored_policy_shape, "StoredPolicy",
    FIELD(INT, id, .required = true, .doc = "Id of this version."),
    FIELD(TEXT, name, .required = true, .doc = "Name of the policy."),
    FIELD(INT, version, .required = true, .doc = "1, 2, ..."),
    FIELD(RAW, document, .required = true, .form = FORM_OBJECT, .of = &policy_shape,
        .doc = "The policy with every default filled in."),
    FIELD(TIME, created_at, .required = true, .doc = "Creation time."));

#define POLICY_COLUMNS "id, name, version, document, created_at"

STMT(policy_all, "SELECT " POLICY_COLUMNS " FROM policy ORDER BY name, version",
    .row = &stored_policy_shape);
STMT(policy_newest,
    "SELECT " POLICY_COLUMNS " FROM policy WHERE name = $1 AND document = $2::jsonb"
    "  AND version = (SELECT max(version) FROM policy WHERE name = $1)",
    .row = &stored_policy_shape);
STMT(policy_insert,
    "INSERT INTO policy (name, version, document, created_by)"
    " VALUES ($1, (SELECT coalesce(max(version), 0) + 1 FROM policy WHERE name = $1),"
    "   $2::jsonb, $3) RETURNING " POLICY_COLUMNS,
    .row = &stored_policy_shape);

enum rc policy_list(struct call *c)
{
    struct list rows;
    TRY(db_all(c->s, c->db, &policy_all, NO_PARAMS, &rows));
    return reply_list(c, rows, NULL);
}

struct creation {
    const struct call *c;
    const struct policy *policy;
    struct stored_policy row;
    bool known;
};

static enum rc create(struct scope *s, struct db *db, void *arg)
{
    struct creation *creation = arg;
    struct param name = P_TEXT(creation->policy->name);
    struct param document = P_TEXT(policy_document(s, creation->policy));
    int64_t *ids;
    TRY(lookup_components(s, db, &creation->policy->components, "components[%zu]", &ids));
    TRY(db_lock(s, db, LOCK_POLICY, LOCK_EXCLUSIVE));
    enum rc rc = db_one(s, db, &policy_newest, PARAMS(name, document), &creation->row);
    creation->known = rc == RC_OK;
    if (rc != RC_NOT_FOUND)
        return rc;
    TRY(db_one(s, db, &policy_insert, PARAMS(name, document, P_INT(creation->c->key->id)),
        &creation->row));
    return audit_add(s, db, call_actor(creation->c), "policy.create",
        scope_printf(s, "policy:%lld", (long long)creation->row.id), NULL);
}

enum rc policy_create(struct call *c)
{
    struct policy policy = *(const struct policy *)c->body;
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    TRY(policy_check(c->s, &policy));
    if (strlen(policy.name) > 100 || strspn(policy.name, letters) != strlen(policy.name) ||
        strchr("._-", policy.name[0]))
        return fail_field(c->s, RC_INVALID, "name",
            "must be letters, digits, dots, hyphens and underscores, a letter or digit first");
    struct creation creation = {.c = c, .policy = &policy};
    TRY(db_txn(c->s, c->db, create, &creation));
    c->reply.status = creation.known ? 200 : 201;
    return reply_object(c, &creation.row);
}
