#include "messages/preview.h"

#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "messages/content.h"

enum { MESSAGE_MAX = 2 * 1024 * 1024 };

SHAPE_STATIC(struct readers, readers_shape, "PreviewReaders", FIELD(TEXT, channel),
    FIELD(TEXT, locale), FIELD(TEXT, verbosity), FIELD(TEXT, format), FIELD(TEXT, selection),
    FIELD(INT, n));

STMT(preview_readers,
    "SELECT s.channel::text, s.locale, s.verbosity::text,"
    "   CASE WHEN s.channel = 'webhook' THEN s.format END AS format,"
    "   CASE WHEN t.subscriber_id IS NOT NULL THEN 'affected' END AS selection, count(*) AS n"
    " FROM subscriber s LEFT JOIN broadcast_scope t"
    "   ON t.broadcast_id = $4 AND t.channel = s.channel AND t.subscriber_id = s.id"
    " WHERE s.state = 'active'"
    " AND (s.verbosity = 'every' OR (s.verbosity = 'milestones' AND $2::boolean))"
    " AND EXISTS (SELECT FROM amends.subscription_to($1::bigint[]) x"
    "   WHERE x.subscriber_id = s.id)"
    " AND NOT EXISTS (SELECT FROM amends.mute_of($1::bigint[]) z WHERE z.subscriber_id = s.id)"
    " AND NOT EXISTS (SELECT FROM suppression u WHERE u.address_hash = s.address_hash)"
    " AND CASE $3 WHEN 'affected' THEN t.subscriber_id IS NOT NULL"
    "   WHEN 'both' THEN t.subscriber_id IS NOT NULL OR s.account_id IS NULL ELSE true END"
    " GROUP BY 1, 2, 3, 4, 5 ORDER BY 5 NULLS LAST, 1, 2, 3, 4",
    .row = &readers_shape);

STMT(preview_audience,
    "SELECT amends.audience_of(b, k.audience)"
    " FROM broadcast b JOIN broadcast_kind k USING (kind) WHERE b.id = $1",
    .row = &row_text);

static const char *filled(struct scope *s, const struct text_template *text_template)
{
    STRBUF(b, MESSAGE_MAX);
    const char *values[PLACEHOLDER_MAX] = {[PLACEHOLDER_TOKEN] = "TOKEN",
        [PLACEHOLDER_CODE] = "000000",
        [PLACEHOLDER_ADDRESS] = "READER"};
    text_template_fill(text_template, values, NULL, &b);
    return strbuf_copy(&b, s);
}

static json_t *filled_text(struct scope *s, const char *text)
{
    struct text_template text_template;
    if (text_template_cut(s, text, strlen(text), &text_template) != RC_OK)
        return json_null();
    return json_string(filled(s, &text_template));
}

static void put_content(struct scope *s, json_t *message, const struct content *content)
{
    if (content->trouble) {
        json_object_set_new(message, "trouble", json_string(content->trouble));
    } else if (content->mail) {
        json_object_set_new(message, "subject", filled_text(s, content->subject));
        json_object_set_new(message, "text", filled_text(s, content->plain));
        json_object_set_new(message, "html", filled_text(s, content->html));
    } else if (content->channel == CHANNEL_SMS) {
        json_object_set_new(message, "text", json_string(filled(s, &content->text)));
        json_object_set_new(message, "segments", json_integer(content->segments));
    } else {
        const char *text = filled(s, &content->text);
        json_t *payload;
        bool is_json = json_parse(s, text, strlen(text), &payload) == RC_OK;
        if (is_json)
            json_object_set(message, "payload", payload);
        else
            json_object_set_new(message, "trouble", json_string("unrenderable"));
    }
}

static json_t *described(const struct readers *readers)
{
    json_t *one = json_pack("{s:s, s:s}", "channel", readers->channel, "locale", readers->locale);
    if (readers->format)
        json_object_set_new(one, "format", json_string(readers->format));
    json_object_set_new(one, "affected", json_boolean(readers->selection != NULL));
    return one;
}

static bool is_same_message(const struct readers *a, const struct readers *b)
{
    return !strcmp(a->channel, b->channel) && !strcmp(a->locale, b->locale) &&
           !strcmp(a->format ? a->format : "", b->format ? b->format : "") &&
           !a->selection == !b->selection;
}

static enum rc show(struct scope *s, struct db *db, struct broadcasts *all, struct broadcast *b,
    const struct readers *readers, json_t *messages)
{
    const struct content_for reader = {
        .locale = readers->locale, .format = readers->format, .selection = readers->selection};
    const struct content *content;
    TRY(content_get(s, db, all, b, channel_of(readers->channel), &reader, &content));
    json_t *message = described(readers);
    put_content(s, message, content);
    json_array_append_new(messages, message);
    return RC_OK;
}

static enum rc show_all(
    struct scope *s, struct db *db, struct broadcasts *all, struct broadcast *b, json_t *shown)
{
    struct list list;
    const char *audience;
    TRY(db_one(s, db, &preview_audience, PARAMS(P_INT(b->id)), &audience));
    TRY(db_all(s, db, &preview_readers,
        PARAMS(P_TEXT(b->incidents), P_BOOL(b->milestone), P_TEXT(audience), P_INT(b->id)), &list));
    const struct readers *at = list.at;
    for (size_t i = 0; i < list.n; i++) {
        json_t *row = described(&at[i]);
        json_object_set_new(row, "verbosity", json_string(at[i].verbosity));
        json_object_set_new(row, "count", json_integer(at[i].n));
        json_array_append_new(json_object_get(shown, "audience"), row);
        size_t before = 0;
        while (before < i && !is_same_message(&at[before], &at[i]))
            before++;
        if (before == i)
            TRY(show(s, db, all, b, &at[i], json_object_get(shown, "messages")));
    }
    return RC_OK;
}

enum rc preview_make(
    struct scope *s, struct db *db, const struct config *config, int64_t broadcast, json_t **ret)
{
    struct broadcasts all = {.config = config};
    struct broadcast *b;
    json_t *shown = json_own(s, json_pack("{s:[], s:[]}", "audience", "messages"));
    enum rc rc = broadcast_get(s, db, &all, broadcast, &b);
    if (rc == RC_OK)
        rc = show_all(s, db, &all, b, shown);
    broadcasts_evict(&all, clock_monotonic(), true);
    TRY(rc);
    *ret = shown;
    return RC_OK;
}

enum rc preview_mail(struct scope *s, struct db *db, const struct config *config, int64_t broadcast,
    const char *locale, json_t **ret)
{
    struct broadcasts all = {.config = config};
    struct broadcast *b;
    json_t *messages = json_own(s, json_array());
    const struct readers reader = {.channel = "email", .locale = locale};
    enum rc rc = broadcast_get(s, db, &all, broadcast, &b);
    if (rc == RC_OK)
        rc = show(s, db, &all, b, &reader, messages);
    broadcasts_evict(&all, clock_monotonic(), true);
    TRY(rc);
    *ret = json_array_get(messages, 0);
    return RC_OK;
}
