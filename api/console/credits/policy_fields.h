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
    POLICY_DECIMAL,  /* an exact number, as text */
    POLICY_NUMBER,   /* an integer */
    POLICY_SPAN,     /* an integer of seconds, as a number and a unit; in a cell as "10m" */
    POLICY_BOOL,     /* a checkbox */
    POLICY_FLAG,     /* the same; false is not written */
    POLICY_CHOICE,   /* one of parts */
    POLICY_OPTION,   /* the same; the first, which is the default, is not written */
    POLICY_CAPS,     /* the same: how "caps" is given */
    POLICY_SLUGS,    /* components; none: all */
    POLICY_WORDS,    /* an array of texts, as "a, b" */
    POLICY_WEEKDAYS, /* an array of ISO numbers */
    POLICY_PERCENTS, /* an object with the parts, in basis points */
    POLICY_MONEY,    /* an object: minor units by currency, as "5.00 EUR, 4.00 GBP" */
    POLICY_ROWS,     /* an array of objects with the columns */
    POLICY_AMOUNTS,  /* an object: minor units by currency, in rows */
    POLICY_LABELS,   /* an object: a text or an array of texts by label, in rows */
};

/* A column of POLICY_ROWS. */
struct policy_column {
    const char *name;
    enum policy_kind kind; /* DECIMAL, NUMBER, SPAN, MONEY, CHOICE or OPTION */
    bool usual;            /* shown before anything is filled in */
    const char *const *parts;
    const char *set; /* labels of the parts; NULL: staff_policy_choice */
};

struct policy_field {
    const char *name; /* "window.unit": a member of a member */
    enum policy_kind kind;
    const char *group;  /* of policy_groups */
    const char *models; /* " days fixed "; NULL: every model reads it */
    const char *needs;  /* only if that field is set, or with '!' if it is not; NULL: always */
    bool early;         /* shown before that */
    const char *const *parts;            /* NULL-terminated; of CHOICE, OPTION, CAPS and PERCENTS */
    const struct policy_column *columns; /* of ROWS; ends with a NULL name */
    const char *unit;                    /* a label of staff_policy_unit, or NULL */
    const char *usual;                   /* JSON: the default of what is always written */
    bool plain;                          /* without a hint */
};
extern const struct policy_field policy_fields[]; /* ends with a NULL name */

/* In the order of the page; those that a person opens when they matter. */
struct policy_group {
    const char *name; /* a label of staff_policy_group */
    bool folded;
};
extern const struct policy_group policy_groups[]; /* ends with a NULL name */

extern const char *const policy_models[];

/* Whether the model of the document reads the field. */
bool policy_field_is_read(const struct policy_field *field, const char *model);

/* The value of a field in a document; NULL: none. */
json_t *policy_value(const json_t *document, const char *name);

/* Whether the document says more than the default of the field. */
bool policy_is_set(const json_t *document, const char *name);

/* Whether what the field needs is so. */
bool policy_is_needed(const json_t *document, const struct policy_field *field);

/* Whether other fields appear with this one. */
bool policy_decides(const struct policy_field *field);

/* "percent", "several" or "none". */
const char *policy_caps(const json_t *document);

/* The document of the form, owned by c->s: fields that its model reads, then those of "other". What
 * is no number stays text, for the API to refuse by name. */
json_t *policy_typed(struct call *c);

/* The members that the table lacks; a new reference. */
json_t *policy_other(const json_t *document);

/* The document with a row more or less: do is "more:tiers" or "less:tiers:2". Otherwise nothing. */
void policy_rows(json_t *document, const char *what);

/* "10m" for 600 seconds, and back; text that is none stays. Owned by s; a new reference. */
const char *policy_span_text(struct scope *s, json_int_t seconds);
json_t *policy_span_typed(const char *text);

/* The groups of fields with their values for the page, a new list. components: rows of the API.
 * problem: the API's, whose field gets the message; NULL: none. */
json_t *policy_shown(struct call *c, const json_t *document, json_t *components, json_t *problem);

/* What is wrong, in the page's language: "Multiplier: enter a number above 0". Owned by c->s. */
const char *policy_wrong(struct call *c, json_t *problem);
