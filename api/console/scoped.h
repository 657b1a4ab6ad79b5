#pragma once
/*
 * The accounts that an incident or a notice concerns, in a form
 * (templates/page/staff/scope.en.html): scope_labels has a KEY=VALUE a line, each of them in quotes
 * where needed (api/forms/quoted.h), scope_accounts an account a line, scope_list the name of an
 * account list.
 */
#include <jansson.h>

#include "api/call/call.h"

/* What was typed: {labels: {KEY: [VALUE]}, accounts: [{account}], list}, empty without any; owned
 * by c->s. A line that is no KEY=VALUE stays, for the API to refuse. */
json_t *scoped_typed(struct call *c);

/* Append a label as such a line. */
void scoped_add_label(struct call *c, struct strbuf *b, const char *key, const char *value);

/* The lines of a field, without spaces around them and empty ones; a new reference. */
json_t *scoped_lines(struct call *c, const char *field);

/* Put what was typed, and the lists to choose from, into context: "scope" {labels, accounts, lists,
 * open}. */
enum rc scoped_put(struct call *c, json_t *context);

/* Name the wrong members of OWNER ("scope", "audience") by the fields of the form; NULL is fine. */
void scoped_name_errors(struct call *c, json_t *problem, const char *owner);
