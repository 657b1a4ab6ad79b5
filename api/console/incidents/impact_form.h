#pragma once
/*
 * The form of the impact windows of an incident, a page of them at a time. A field is named by its
 * window: "level:3". Windows on other pages stay as they are.
 *
 *     struct impact_form form;
 *     TRY(impact_form_read(c, &form)); // what holds now
 *     json_t *body = impact_form_typed(c, &form, &keys); // for the API
 */
#include <jansson.h>

#include "api/call/call.h"

enum { IMPACT_PAGE = 15, IMPACT_BLANK = 2 };

struct impact_form {
    json_t *whole; /* the reply of GET .../impacts, owned by the call */
    json_t *impacts, *components, *lists;
    size_t page; /* from 1; that of the query or of the form that was sent */
};

enum rc impact_form_read(struct call *c, struct impact_form *ret);

/* The complete set that the form asks for: {impacts, revision}, owned by c->s. keys: the windows
 * in it, for console_name_rows. */
json_t *impact_form_typed(struct call *c, const struct impact_form *form, struct texts *ret_keys);

/* Whether somebody else has corrected the impacts since the form was shown. */
bool impact_form_is_stale(struct call *c, const struct impact_form *form);

/* Name the wrong fields of the API's problem by those of the form. */
void impact_form_name_errors(struct call *c, json_t *problem, struct texts keys);

/* Put "rows", and with several pages "pages" {text, before, after}, into context. */
void impact_form_put(struct call *c, const struct impact_form *form, json_t *context);

/* The name of a component, or its slug. */
const char *impact_form_component(const struct impact_form *form, const char *slug);

/* The duration of a window; null: it is not over. */
json_t *impact_form_duration(struct call *c, json_t *window);
