#pragma once
/*
 * The form of a policy, from one table: a field of a policy is a row of it, with labels of its name
 * in the sets staff_policy (label), staff_policy_hint and staff_policy_wrong. What a document has
 * beyond the table is kept as it is.
 *
 *     json_t *document = policy_typed(c);            // as the person filled the form in
 *     json_object_set_new(context, "groups", policy_shown(c, document, components, problem));
 */
#include <jansson.h>

#include "api/call/call.h"

enum policy_kind {
    POLICY_TEXT,     /* a word */
    POLICY_DECIMAL,  /* an exact decimal, as text */
    POLICY_NUMBER,   /* an integer */
    POLICY_SPAN,     /* an integer of seconds, as a number and a unit */
    POLICY_BOOL,     /* a checkbox */
    POLICY_CHOICE,   /* one of parts */
    POLICY_SLUGS,    /* components; none: all */
    POLICY_PERCENTS, /* an object with the parts, in basis points */
    POLICY_ROWS,     /* an array of objects with the parts, decimals */
    POLICY_AMOUNTS,  /* an object: minor units by currency */
};

struct policy_field {
    const char *name;
    enum policy_kind kind;
    const char *group;        /* "what", "gives", "counts" or "limits" */
    const char *models;       /* " days fixed "; NULL: every model reads it */
    const char *const *parts; /* NULL-terminated; of CHOICE, PERCENTS and ROWS */
    const char *unit;         /* a label of staff_policy_unit, or NULL */
};
extern const struct policy_field policy_fields[]; /* ends with a NULL name */

extern const char *const policy_models[];

/* Whether the model of the document reads the field. */
bool policy_field_is_read(const struct policy_field *field, const char *model);

/* The document of the form, owned by c->s: fields that its model reads, then those of "other". What
 * is no number stays text, for the API to refuse by name. */
json_t *policy_typed(struct call *c);

/* The members that the table lacks; a new reference. */
json_t *policy_other(const json_t *document);

/* The document with a row more or less: do is "more:tiers" or "less:tiers:2". Otherwise nothing. */
void policy_rows(json_t *document, const char *what);

/* The groups of fields with their values for the page, a new list. components: rows of the API.
 * problem: the API's, whose field gets the message; NULL: none. */
json_t *policy_shown(struct call *c, const json_t *document, json_t *components, json_t *problem);

/* What is wrong, in the page's language: "Multiplier: enter a number above 0". Owned by c->s. */
const char *policy_wrong(struct call *c, json_t *problem);
