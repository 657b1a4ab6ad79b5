#pragma once
/*
 * The accounts that an incident, an impact, a rule or a notice concerns, in a form
 * (templates/page/staff/scope.en.html): scope_labels has a KEY=VALUE a line, each of them in
 * quotes where needed (api/forms/quoted.h), scope_accounts an account a line, scope_list the name
 * of an account list, scope_share a percentage.
 *
 *     struct scoped of = {.suffix = ":3", .stored = json_object_get(impact, "scope")};
 *     TRY(scoped_put(c, &of, lists, row));
 *     json_t *scope = scoped_typed(c, &of);
 */
#include <jansson.h>

#include "api/call/call.h"

struct scoped {
    const char *suffix;   /* of the names of its fields; NULL: none */
    const json_t *stored; /* what the form shows before anything is typed; NULL: nothing */
    bool shares;          /* it has scope_share */
};

/* The scope of the form: {labels: {KEY: [VALUE]}, accounts: [{account, share_bp}], list, share_bp},
 * empty without any; owned by c->s. Where the form has no such field, or nobody changed its lines,
 * that part is as stored; an account that stays keeps its share. A line that is no KEY=VALUE, and a
 * share that is no percentage, stay for the API to refuse. */
json_t *scoped_typed(struct call *c, const struct scoped *of);

/* The lines of a field, without spaces around them and empty ones; a new reference. */
json_t *scoped_lines(struct call *c, const char *field);

/* The lists to choose from, as the API has them, owned by c->s. */
enum rc scoped_lists(struct call *c, json_t **ret_lists);

/* Put what was typed, else what is stored, into context: "scope" {suffix, labels, accounts, lists,
 * share, shares, open}. */
void scoped_put(struct call *c, const struct scoped *of, json_t *lists, json_t *context);

/* Name the wrong members of OWNER ("scope", "impacts[3].scope") by the fields of the form; NULL is
 * fine. */
void scoped_name_errors(
    struct call *c, const struct scoped *of, json_t *problem, const char *owner);
