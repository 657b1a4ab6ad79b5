#pragma once
/*
 * What cannot be undone is asked first. The first request of such a form does nothing but show the
 * consequence, with the form's fields in a form that repeats it: a page without JavaScript, and
 * with it a dialog (staff.js, for buttons with data-asks). Question, consequence and button are
 * labels of the sets staff_confirm, staff_confirm_text and staff_confirm_do, in which facts fill
 * {names}.
 *
 *     if (!confirm_given(c))
 *         return confirm_ask(c, "revoke", json_pack("{s:s}", "name", name), "/staff/access/keys");
 */
#include <jansson.h>

#include "api/call/call.h"

bool confirm_given(struct call *c);

/* facts: a new reference; back: the page to return to. */
enum rc confirm_ask(struct call *c, const char *what, json_t *facts, const char *back);

/* The same with {name}: that of the row of a /v1 list whose id is the form's field "id". */
enum rc confirm_ask_named(
    struct call *c, const char *what, const char *list_path, const char *back);

/* "1,240.50 USD + 300 JPY" of a list with "amount_minor" and "currency". Owned by c->s. */
const char *confirm_amounts(struct call *c, const json_t *totals);
