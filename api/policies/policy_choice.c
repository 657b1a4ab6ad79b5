#include "api/policies/policy_choice.h"

#include "api/call/lookup.h"
#include "billing/library.h"
#include "core/json.h"

STMT(policy_chosen,
    "SELECT document::text AS word FROM policy WHERE name = $1 AND NOT helper"
    " AND ($2::bigint IS NULL OR version = $2) ORDER BY version DESC LIMIT 1",
    .row = &row_text);

/* A field of the choice is that of the request. */
static enum rc at_path(struct scope *s, const char *path, enum rc rc)
{
    if (rc == RC_INVALID && s->fault.field)
        s->fault.field = scope_printf(s, "%s%s", path, s->fault.field);
    return rc;
}

static enum rc of_document(struct scope *s, struct db *db, struct policy *policy, const char *path,
    const char **ret_document)
{
    int64_t *ids;
    TRY(at_path(s, scope_printf(s, "%spolicy.", path), policy_check(s, policy)));
    TRY(lookup_components(
        s, db, &policy->components, scope_printf(s, "%spolicy.components[%%zu]", path), &ids));
    *ret_document = policy_document(s, policy);
    return RC_OK;
}

static enum rc of_library(
    struct scope *s, const char *name, const char *path, const char **ret_document)
{
    json_t *entry;
    struct policy policy;
    const char *field = scope_printf(s, "%slibrary", path);
    TRY(IF_NONE(library_find(s, name, &entry),
        fail_field(s, RC_INVALID, field, "no policy \"%s\" in the library", name)));
    TRY(at_path(s, scope_printf(s, "%s.", field),
        policy_read(s, json_object_get(entry, "policy"), &policy)));
    *ret_document = policy_document(s, &policy);
    return RC_OK;
}

enum rc policy_choose(struct scope *s, struct db *db, const struct policy_choice *choice,
    const char *path, const char **ret_document)
{
    int n = (choice->policy != NULL) + (choice->name != NULL) + (choice->library != NULL);
    if (n != 1)
        return fail_field(s, RC_INVALID, scope_printf(s, "%spolicy", path),
            "give either policy, name or library");
    if (choice->version != SHAPE_NONE && !choice->name)
        return fail_field(s, RC_INVALID, scope_printf(s, "%sversion", path), "requires name");
    if (choice->policy)
        return of_document(s, db, choice->policy, path, ret_document);
    if (choice->library)
        return of_library(s, choice->library, path, ret_document);
    return IF_NONE(db_one(s, db, &policy_chosen,
                       PARAMS(P_TEXT(choice->name), P_INT(choice->version)), ret_document),
        fail_field(
            s, RC_INVALID, scope_printf(s, "%sname", path), "no such policy \"%s\"", choice->name));
}
