#pragma once
/*
 * The published look of the pages (table brand), and whether there is a page /sla, kept in memory,
 * so that a page needs no query for it and keeps it while the database is down. page_cache loads it
 * at every change.
 */
#include <jansson.h>

#include "core/db/db.h"
#include "core/scope.h"

struct site;

struct site *site_new(void);
void site_free(struct site *site);

/* Take over what is published now. */
enum rc site_load(struct scope *s, struct db *db, struct site *site);

/* What is published, for templates as "site". Empty before it was loaded. Owned by s. */
json_t *site_now(struct scope *s, struct site *site);

/* The same of a draft, the JSON of brand.draft, as "is_draft": its preview runs no script. css: the
 * path of its style sheet, linked if the draft changes it. RC_INVALID: no JSON. Owned by s. */
enum rc site_of(struct scope *s, const char *draft, const char *css, json_t **ret);

/* What the style sheet is made of; NULL: the default. Owned by site. */
struct site_look {
    const char *accent, *accent_dark;
    const char *custom_css;
};
struct site_look site_look(const json_t *site);
