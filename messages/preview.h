#ifndef MESSAGES_PREVIEW_H
#define MESSAGES_PREVIEW_H
/*
 * What a broadcast about an incident will send, and to whom: for a post in a transaction that
 * is rolled back afterwards. Nothing is written.
 */
#include <jansson.h>

#include "core/config.h"
#include "core/db/db.h"

/*
 * {audience: [{channel, locale, verbosity, format?, count}], messages: [{channel, locale,
 * format?, trouble?, subject?, text?, html?, payload?, segments?}]}, owned by s. One message
 * for each channel, locale and format that somebody has; times in UTC, the link of nobody
 * (TOKEN) in place of each reader's own. payload: what a chat or a webhook gets, as JSON.
 */
enum rc preview_make(
    struct scope *s, struct db *db, const struct config *config, int64_t broadcast, json_t **ret);

/* The mail alone, in any locale: {channel, locale, subject, text, html}, owned by s. */
enum rc preview_mail(struct scope *s, struct db *db, const struct config *config, int64_t broadcast,
    const char *locale, json_t **ret);

#endif
