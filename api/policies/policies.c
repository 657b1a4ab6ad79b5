/* GET POST /v1/policies: immutable; equal content under the same name is the same version, also of
 * one that was stored when lint refused less. Policies that the answers to reviews make for one
 * credit are not listed. */
#include <string.h>

#include "api/call/audit_log.h"
#include "api/call/call.h"
#include "api/call/list_page.h"
#include "api/call/lookup.h"
#include "api/policies/policies.h"
#include "core/db/locks.h"
#include "core/json.h"

SHAPE_EXTERN(struct stored_policy, stored_policy_shape, "StoredPolicy",
    FIELD(INT, id, .required = true, .doc = "Id of this version."),
    FIELD(TEXT, name, .required = true, .doc = "Name of the policy."),
    FIELD(INT, version, .required = true, .doc = "1, 2, ..."),
    FIELD(RAW, document, .required = true, .form = FORM_OBJECT, .of = &policy_shape,
        .doc = "The policy with every default filled in."),
    FIELD(INT, runs, .required = true, .doc = "Number of runs that use this version."),
    FIELD(INT, all_runs, .required = true, .doc = "Number of runs that use any of its versions."),
    FIELD(TIME, created_at, .required = true, .doc = "Creation time."),
    FIELD(TIME, published_at, .doc = "Since when the page /sla shows this version."));

struct policy_filter {
    struct list_page page;
    const char *name;
    bool newest;
};
const struct shape policy_filter_shape = SHAPE("PolicyFilter", struct policy_filter,
    PAGE_FIELDS("100", 1000), FIELD(TEXT, name, .min = 1, .max = 100, .doc = "Filter by name."),
    FIELD(BOOL, newest, .def = "false", .doc = "Only the newest version of each policy."));

#define POLICY_COLUMNS \
    "id, name, version, document, created_at," \
    " (SELECT published_at FROM published_policy p WHERE p.policy_id = policy.id) AS " \
    "published_at," \
    " (SELECT count(*) FROM credit_run r WHERE r.policy_id = policy.id) AS runs," \
    " (SELECT count(*) FROM credit_run r JOIN policy v ON v.id = r.policy_id" \
    "   WHERE v.name = policy.name) AS all_runs"

STMT(policy_page,
    "SELECT " POLICY_COLUMNS " FROM policy WHERE NOT helper AND ($1 = 0 OR id < $1)"
    " AND ($3::text IS NULL OR name = $3)"
    " AND (NOT $4 OR version = (SELECT max(version) FROM policy v WHERE v.name = policy.name))"
    " ORDER BY id DESC LIMIT $2",
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
    const struct policy_filter *filter = c->query;
    int64_t before;
    struct list rows;
    TRY(page_open(c, "policies", &before));
    TRY(db_all(c->s, c->db, &policy_page,
        PARAMS(
            P_INT(before), P_INT(filter->page.limit), P_TEXT(filter->name), P_BOOL(filter->newest)),
        &rows));
    return reply_page(c, "policies", rows, offsetof(struct stored_policy, id));
}

enum rc policy_body_lint(struct scope *s, const struct call *c, const char *pointer)
{
    json_t *body;
    TRY(json_parse(s, c->request->body, c->request->len, &body));
    enum rc rc = policy_lint(s, json_at(s, body, pointer));
    if (rc != RC_INVALID || !*pointer || !s->fault.field)
        return rc;
    char *path = scope_strdup(s, pointer + 1);
    for (char *at = path; *at; at++)
        *at = *at == '/' ? '.' : *at;
    s->fault.field = scope_printf(s, "%s.%s", path, s->fault.field);
    return rc;
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
    TRY(policy_body_lint(s, creation->c, ""));
    TRY(db_one(s, db, &policy_insert, PARAMS(name, document, P_INT(creation->c->key->id)),
        &creation->row));
    return audit_add(s, db, call_actor(creation->c), "policy.create",
        scope_printf(s, "policy:%lld", (long long)creation->row.id), NULL);
}

enum rc policy_create(struct call *c)
{
    struct policy policy = *(const struct policy *)c->body;
    TRY(policy_check(c->s, &policy));
    struct creation creation = {.c = c, .policy = &policy};
    TRY(db_txn(c->s, c->db, create, &creation));
    c->reply.status = creation.known ? 200 : 201;
    return reply_object(c, &creation.row);
}
