#pragma once
/* Shared by the self-service pages of readers. */
#include <jansson.h>

#include "api/call/call.h"
#include "api/call/form.h"
#include "api/forms/mark.h"
#include "core/db/db.h"

/* Version of the wording shown, for the consent log. */
#define READER_WORDING "page-2"

/* A reader's session (session.h). */
#define READER_SESSION "reader"
enum { READER_SESSION_SECONDS = 3600 };

/* all, some or incident: from the form, or implied by its other fields. */
const char *reader_what(const struct form *form);

/* {"groups": [...], "components": [...], "incidents": [...]} of the form; all empty: everything. */
json_t *reader_chosen(struct scope *s, const struct form *form);

/* RC_INVALID on "what" if the form selects only some topics but names no existing one, since a
 * reader without a selection would receive everything. */
enum rc reader_check_chosen(
    struct scope *s, struct db *db, const struct form *form, const json_t *chosen);

/* Put groups, components and (for a subscriber) incidents for checkboxes, [{slug, name, checked}],
 * into context as "groups", "components" and "incidents", named in the language of the page; "all":
 * none is checked. chosen: the selection; NULL: that of the subscriber. subscriber: 0 for none. */
enum rc reader_catalogue(struct call *c, int64_t subscriber, const json_t *chosen, json_t *context);

/* The selected one of verbosities[]; default: every. */
const char *reader_verbosity(const struct form *form);

/* "milestones" and "daily" of context. */
void reader_put_verbosity(json_t *context, const char *verbosity);

/* The invalid fields in the fault of c->s, in words; and, in the page that was rendered for the
 * refused form, beside the fields, with what was typed (api/forms/mark.h). */
struct reader_errors {
    const struct form_error *at;
    size_t n;
};
struct reader_errors reader_errors(struct call *c, const struct form *form);
void reader_mark(struct call *c, const struct form *form, struct reader_errors errors);

/* Add a row to the consent log about an existing subscriber. */
enum rc reader_consent(
    struct scope *s, struct db *db, int64_t id, const char *action, const char *source);
