#pragma once
/*
 * The messages of a broadcast: compiled once per channel x locale x zone (and, for a digest, set of
 * incidents) into fixed text with placeholders. The database thread makes them, the senders read
 * them.
 */
#include "messages/broadcast.h"
#include "messages/mime.h"
#include "messages/text_template.h"

struct content {
    enum channel channel;
    const char *locale, *timezone;
    const char *selection;     /* of a digest: its incidents; otherwise "" */
    const char *claim;         /* that the reader can make: JSON of amends.claims_to; or "" */
    const char *format;        /* of a webhook: amends, statuspage */
    bool opens_account;        /* has the link to the page of the reader's account */
    const char *trouble;       /* NULL, or why it cannot be sent: a word for delivery.reason */
    struct mime_message *mail; /* e-mail */
    const char *subject, *plain, *html; /* its parts with their placeholders, for previews */
    struct text_template text;          /* the other channels: a body, or the text of an SMS */
    int segments;                       /* of an SMS, with a token of maximum length */
    struct content *following;
};

/* The properties that determine the text. NULL: "en", "UTC", none, "amends", none. */
struct content_for {
    const char *locale, *timezone, *selection, *format, *claim;
    bool opens_account;
};

/* RC_RETRY and RC_INTERNAL come from the database. A text that cannot be rendered is logged once
 * and yields a content with .trouble. The content lives as long as the broadcast. */
enum rc content_get(struct scope *s, struct db *db, struct broadcasts *all, struct broadcast *b,
    enum channel channel, const struct content_for *reader, const struct content **ret);
