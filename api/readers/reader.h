#ifndef API_READERS_READER_H
#define API_READERS_READER_H
/* What the pages share that a reader uses for their own subscription. */
#include <jansson.h>

#include "api/call/call.h"
#include "api/call/form.h"
#include "core/db/db.h"

/* The words that were shown, in the consent log. */
#define READER_WORDING "page-2"

/* A reader's session (session.h). */
#define READER_SESSION "reader"
enum { READER_SESSION_SECONDS = 3600 };

/* all, some or incident: what the form says, or what its other fields mean. */
const char *reader_what(const struct form *form);

/* {"groups": [...], "components": [...], "incidents": [...]} of the form; all empty: everything. */
json_t *reader_chosen(struct scope *s, const struct form *form);

/* RC_INVALID on "what" when the form wants less than everything and names nothing that is
 * there: without a choice a reader would get everything. */
enum rc reader_check_chosen(
    struct scope *s, struct db *db, const struct form *form, const json_t *chosen);

/* Groups, components and (of a subscriber) incidents for checkboxes: [{slug, name, checked}]
 * as "groups", "components" and "incidents" of context; "all": none is checked. chosen: what
 * is; NULL: what the subscriber has. subscriber: 0 for nobody. */
enum rc reader_catalogue(
    struct scope *s, struct db *db, int64_t subscriber, const json_t *chosen, json_t *context);

/* The chosen one of verbosities[]; every without one. */
const char *reader_verbosity(const struct form *form);

/* "milestones" and "daily" of context. */
void reader_put_verbosity(json_t *context, const char *verbosity);

/* A row of the consent log about somebody who is there. */
enum rc reader_consent(
    struct scope *s, struct db *db, int64_t id, const char *action, const char *source);

#endif
