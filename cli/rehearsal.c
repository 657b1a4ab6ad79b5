#include "cli/rehearsal.h"

#include <string.h>

#include "core/clock.h"
#include "core/json.h"
#include "messages/audience_sql.h"
#include "messages/content.h"

enum { MESSAGE_MAX = 2 * 1024 * 1024 };

struct incident_row {
    int64_t id;
    const char *kind;
};
#define SHAPE_STRUCT struct incident_row
static const struct field incident_row_fields[] = {FIELD(INT, id), FIELD(TEXT, kind)};
static const struct shape incident_row_shape = SHAPE("RehearsedIncident", incident_row_fields);
#undef SHAPE_STRUCT

struct readers {
    const char *channel, *locale, *verbosity, *format;
    int64_t n;
};
#define SHAPE_STRUCT struct readers
static const struct field readers_fields[] = {FIELD(TEXT, channel), FIELD(TEXT, locale),
    FIELD(TEXT, verbosity), FIELD(TEXT, format), FIELD(INT, n)};
static const struct shape readers_shape = SHAPE("RehearsedReaders", readers_fields);
#undef SHAPE_STRUCT

STMT(rehearsal_incident, "SELECT id, kind FROM incident WHERE ref = $1 FOR UPDATE",
    .row = &incident_row_shape);
STMT(rehearsal_open,
    "INSERT INTO incident (ref, title, kind, state, announced_at, started_at)"
    " VALUES ($1, $2, 'incident', $3, now(), now()) ON CONFLICT DO NOTHING RETURNING id, kind",
    .row = &incident_row_shape);
STMT(rehearsal_readers,
    "SELECT s.channel::text, s.locale, s.verbosity::text,"
    "   CASE WHEN s.channel = 'webhook' THEN s.format END AS format, count(*) AS n"
    " FROM subscriber s WHERE s.state = 'active'"
    " AND (s.verbosity = 'every' OR (s.verbosity = 'milestones' AND $2::boolean))"
    " AND " AUDIENCE_SUBSCRIBED("$1") " AND " AUDIENCE_MUTED(
        "$1") " IS NULL"
              " AND " AUDIENCE_IS_SUPPRESSED " IS NULL GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    .row = &readers_shape);

struct stage {
    const struct config *config;
    const struct rehearsal *rehearsal;
    json_t *shown; /* NULL until all is done */
};

static enum rc incident(
    struct scope *s, struct db *db, const struct rehearsal *r, struct incident_row *ret)
{
    if (r->title) {
        enum rc rc = db_one(s, db, &rehearsal_open,
            PARAMS(P_TEXT(r->ref), P_TEXT(r->title), P_TEXT(r->state)), ret);
        return rc == RC_NOT_FOUND ? fail(s, RC_CONFLICT, "incident \"%s\" exists already", r->ref)
                                  : rc;
    }
    enum rc rc = db_one(s, db, &rehearsal_incident, PARAMS(P_TEXT(r->ref)), ret);
    return rc == RC_NOT_FOUND ? fail(s, rc, "no incident \"%.100s\"", r->ref) : rc;
}

/* A link of nobody's stands in for each reader's own. */
static json_t *filled(struct scope *s, const char *text)
{
    struct pieces pieces;
    STRBUF(b, MESSAGE_MAX);
    const char *values[HOLE_MAX] = {[HOLE_TOKEN] = "TOKEN", [HOLE_ADDRESS] = "READER"};
    if (pieces_cut(s, text, strlen(text), &pieces) != RC_OK)
        return json_null();
    pieces_fill(&pieces, values, NULL, &b);
    return json_string(b.buf);
}

static void put_content(struct scope *s, json_t *message, const struct content *content)
{
    if (content->trouble) {
        json_object_set_new(message, "trouble", json_string(content->trouble));
    } else if (content->mail) {
        json_object_set_new(message, "subject", filled(s, content->subject));
        json_object_set_new(message, "text", filled(s, content->plain));
        json_object_set_new(message, "html", filled(s, content->html));
    } else {
        STRBUF(b, MESSAGE_MAX);
        const char *values[HOLE_MAX] = {[HOLE_TOKEN] = "TOKEN"};
        pieces_fill(&content->text, values, NULL, &b);
        json_object_set_new(message, "text", json_string(b.buf));
    }
    if (content->segments)
        json_object_set_new(message, "segments", json_integer(content->segments));
}

static enum channel channel_of(const char *name)
{
    enum channel c = 0;
    while (c < CHANNEL_COUNT - 1 && strcmp(channel_name[c], name) != 0)
        c++;
    return c;
}

static json_t *described(const struct readers *readers)
{
    json_t *one = json_pack("{s:s, s:s}", "channel", readers->channel, "locale", readers->locale);
    if (readers->format)
        json_object_set_new(one, "format", json_string(readers->format));
    return one;
}

static bool is_same_message(const struct readers *a, const struct readers *b)
{
    return !strcmp(a->channel, b->channel) && !strcmp(a->locale, b->locale) &&
           !strcmp(a->format ? a->format : "", b->format ? b->format : "");
}

static enum rc show(
    struct scope *s, struct db *db, struct broadcasts *all, struct broadcast *b, json_t *shown)
{
    struct list list;
    json_t *audience = json_object_get(shown, "audience");
    TRY(db_all(
        s, db, &rehearsal_readers, PARAMS(P_INT(b->incident_id), P_BOOL(b->milestone)), &list));
    const struct readers *at = list.at;
    for (size_t i = 0; i < list.n; i++) {
        json_t *row = described(&at[i]);
        json_object_set_new(row, "verbosity", json_string(at[i].verbosity));
        json_object_set_new(row, "count", json_integer(at[i].n));
        json_array_append_new(json_object_get(shown, "readers"), row);
        int64_t n = json_integer_value(json_object_get(audience, at[i].channel)) + at[i].n;
        json_object_set_new(audience, at[i].channel, json_integer(n));
        size_t before = 0;
        while (before < i && !is_same_message(&at[before], &at[i]))
            before++;
        if (before < i)
            continue;
        const struct content_for reader = {at[i].locale, NULL, NULL, at[i].format};
        const struct content *content;
        TRY(content_get(s, db, all, b, channel_of(at[i].channel), &reader, &content));
        json_t *message = described(&at[i]);
        put_content(s, message, content);
        json_array_append_new(json_object_get(shown, "messages"), message);
    }
    return RC_OK;
}

static enum rc stage_it(struct scope *s, struct db *db, void *arg)
{
    struct stage *stage = arg;
    const struct rehearsal *r = stage->rehearsal;
    struct incident_row row;
    struct posted posted;
    struct broadcast *b;
    TRY(incident(s, db, r, &row));
    TRY(post_check_state(s, row.kind, r->state));
    const struct post post = {.incident_id = row.id,
        .state = r->state,
        .body = r->body,
        .posted_at = clock_now(),
        .components = {.at = (void *)r->components, .n = r->n},
        .notify = true,
        .next_update_minutes = SHAPE_NONE,
        .actor = SHAPE_NONE};
    TRY(post_update(s, db, &post, &posted));
    struct broadcasts all = {.config = stage->config};
    json_t *shown = json_own(s, json_pack("{s:{}, s:[], s:[]}", "audience", "readers", "messages"));
    enum rc rc = broadcast_get(s, db, &all, posted.broadcast_id, &b);
    if (rc == RC_OK)
        rc = show(s, db, &all, b, shown);
    broadcasts_evict(&all, clock_monotonic(), true);
    TRY(rc);
    stage->shown = shown;
    return fail(s, RC_CONFLICT, "a rehearsal is rolled back");
}

enum rc rehearse(struct scope *s, struct db *db, const struct config *config,
    const struct rehearsal *rehearsal, json_t **ret)
{
    struct stage stage = {.config = config, .rehearsal = rehearsal};
    enum rc rc = db_txn(s, db, stage_it, &stage);
    if (!stage.shown)
        return rc == RC_OK ? fail(s, RC_INTERNAL, "nothing was rehearsed") : rc;
    *ret = stage.shown;
    return RC_OK;
}
