#pragma once
/* A policy that a request names: a whole document, a version of a stored one, or one of the library
 * of published promises. */
#include "billing/policy.h"
#include "core/db/db.h"

struct policy_choice {
    struct policy *policy; /* NULL unless a document was given */
    const char *name;      /* of a stored policy */
    int64_t version;       /* SHAPE_NONE: its newest */
    const char *library;
};

/* The fields of a choice in a request's shape; at: the member that is one, with its dot, or
 * nothing where the struct begins with it. */
#define POLICY_CHOICE_FIELDS(at) \
    FIELD_AS(OBJECT, "policy", at policy, .of = &policy_shape, .doc = "A policy's document; or:"), \
        FIELD_AS(TEXT, "name", at name, .min = 1, .max = 100, .doc = "Name of a stored policy."), \
        FIELD_AS(INT, "version", at version, .min = 1, .max = INT32_MAX, \
            .doc = "Its version; default: the newest."), \
        FIELD_AS(TEXT, "library", at library, .min = 1, .max = 100, \
            .doc = "Or the name of a policy of the library (`amends policy library`).")

/* The document of the policy, with every default, owned by s. The other kinds of choice are left
 * out. path: of the choice in the request, such as "against.", for RC_INVALID. */
enum rc policy_choose(struct scope *s, struct db *db, const struct policy_choice *choice,
    const char *path, const char **ret_document);
