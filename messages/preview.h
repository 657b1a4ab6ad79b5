#pragma once
/*
 * The messages and recipients of a broadcast about an incident, for a post in a transaction that is
 * rolled back afterwards. Writes nothing.
 */
#include <jansson.h>

#include "core/config.h"
#include "core/db/db.h"

/*
 * {audience: [{channel, locale, verbosity, format?, affected, count}], messages: [{channel,
 * locale, format?, affected, trouble?, subject?, text?, html?, payload?, segments?}]}, owned by s.
 * One message per channel, locale, format and text (affected: that for accounts in scope) that has
 * recipients; times in UTC, with TOKEN instead of a reader's token in links. payload: the message
 * to a chat or webhook, as JSON.
 */
enum rc preview_make(
    struct scope *s, struct db *db, const struct config *config, int64_t broadcast, json_t **ret);

/* Only the mail, in any locale: {channel, locale, subject, text, html}, owned by s. */
enum rc preview_mail(struct scope *s, struct db *db, const struct config *config, int64_t broadcast,
    const char *locale, json_t **ret);
