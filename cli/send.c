/* amends send --dry-run REF: previews the recipients of an update per channel and its messages. The
 * update is posted in a transaction that is rolled back, so that audience and messages are exactly
 * the notifier's, and nothing is written or sent. (It uses up sequence numbers and locks the
 * incident meanwhile.) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/incidents/incident_post.h"
#include "cli/command.h"
#include "core/clock.h"
#include "core/json.h"
#include "messages/preview.h"

static struct {
    const char *state, *body, *title;
    struct texts components; /* "SLUG=LEVEL" */
    bool dry_run;
} given;

static bool is_component(const char *arg)
{
    return strchr(arg, '=');
}

static const struct command_option options[] = {
    OPTION(&given.dry_run, .name = "dry-run", .key = 'n', .required = "",
        .doc = "Required: this command only previews"),
    OPTION(&given.state, .name = "state", .key = 's', .arg = "STATE", .required = "",
        .one_of = incident_states, .doc = "State of the update: investigating, ..."),
    OPTION(&given.body, .name = "body", .key = 'b', .arg = "TEXT", .required = "",
        .doc = "Text of the update, Markdown"),
    OPTION(&given.components, .name = "component", .key = 'C', .arg = "SLUG=LEVEL", .max = 100,
        .from = "/v1/components slug", .is_valid = is_component, .refusal = "is not SLUG=LEVEL",
        .doc = "Impact level of a component; may be repeated"),
    OPTION(&given.title, .name = "title", .key = 't', .arg = "TEXT",
        .doc = "REF is a new incident with this title"),
    {0}};

SHAPE_STATIC(struct incident_row, incident_row_shape, "RehearsedIncident", FIELD(INT, id),
    FIELD(TEXT, kind));

STMT(rehearsal_incident, "SELECT id, kind FROM incident WHERE ref = $1 FOR UPDATE",
    .row = &incident_row_shape);
STMT(rehearsal_open,
    "INSERT INTO incident (ref, title, kind, state, announced_at, started_at)"
    " VALUES ($1, $2, 'incident', $3, now(), now()) ON CONFLICT DO NOTHING RETURNING id, kind",
    .row = &incident_row_shape);

/* The incident ref; with --title a new one. */
static enum rc incident(struct scope *s, struct db *db, const char *ref, struct incident_row *ret)
{
    if (given.title)
        return IF_NONE(db_one(s, db, &rehearsal_open,
                           PARAMS(P_TEXT(ref), P_TEXT(given.title), P_TEXT(given.state)), ret),
            fail(s, RC_CONFLICT, "incident \"%s\" exists already", ref));
    return IF_NONE(db_one(s, db, &rehearsal_incident, PARAMS(P_TEXT(ref)), ret),
        fail(s, RC_NOT_FOUND, "no incident \"%.100s\"", ref));
}

static struct list components(struct scope *s)
{
    const size_t n = given.components.n;
    struct post_component *list = SCOPE_ARRAY(s, struct post_component, n);
    for (size_t i = 0; i < n; i++) {
        const char *text = given.components.at[i], *equals = strchr(text, '=');
        list[i].component = scope_strndup(s, text, (size_t)(equals - text));
        list[i].level = equals + 1;
    }
    return (struct list){.at = list, .n = n};
}

struct rehearsal {
    const struct config *config;
    const char *ref;
    json_t *shown;
};

static enum rc rehearse(struct scope *s, struct db *db, void *arg)
{
    struct rehearsal *rehearsal = arg;
    struct incident_row row;
    struct posted posted;
    TRY(incident(s, db, rehearsal->ref, &row));
    TRY(post_check_state(s, row.kind, given.state));
    const struct post post = {.incident_id = row.id,
        .state = given.state,
        .body = given.body,
        .posted_at = clock_now(),
        .components = components(s),
        .notify = true,
        .next_update_minutes = SHAPE_NONE,
        .actor = SHAPE_NONE};
    TRY(post_update(s, db, &post, &posted));
    return preview_make(s, db, rehearsal->config, posted.broadcast_id, &rehearsal->shown);
}

static void print_payload(const json_t *payload)
{
    char *text = payload ? json_dumps(payload, JSON_INDENT(2)) : NULL;
    printf("%s", text ? text : "");
    free(text);
}

static void print(const json_t *shown)
{
    size_t i;
    json_t *at;
    printf("%-9s %-8s %-11s %8s\n", "channel", "locale", "verbosity", "readers");
    json_array_foreach(json_object_get(shown, "audience"), i, at)
    {
        printf("%-9s %-8s %-11s %8lld\n", json_get_word(at, "channel"), json_get_word(at, "locale"),
            json_get_word(at, "verbosity"), json_get_int(at, "count"));
    }
    json_array_foreach(json_object_get(shown, "messages"), i, at)
    {
        long long segments = json_get_int(at, "segments");
        printf("\n== %s %s %s", json_get_word(at, "channel"), json_get_word(at, "locale"),
            json_get_word(at, "format"));
        if (segments)
            printf(" (%lld segments)", segments);
        printf("\n%s%s%s\n%s", *json_get_word(at, "subject") ? "Subject: " : "",
            json_get_word(at, "subject"), *json_get_word(at, "subject") ? "\n" : "",
            json_get_word(at, "text"));
        print_payload(json_object_get(at, "payload"));
        printf("%s\n", json_get_word(at, "trouble"));
    }
}

static enum rc run(struct scope *s, struct invocation *in)
{
    struct rehearsal rehearsal = {.config = &in->config, .ref = in->arg};
    TRY(db_rehearse(s, in->db, rehearse, &rehearsal));
    return command_show(s, in, rehearsal.shown, print);
}

static const struct command_verb verbs[] = {{.name = "",
                                                .arg = "REF",
                                                .needs = NEED_DATABASE,
                                                .busy = "Preparing the preview",
                                                .from = "/v1/incidents?open=true ref",
                                                .run = run},
    {0}};

const struct command command_send = {.name = "send",
    .summary = "Preview an update: recipients and messages",
    .doc = "Preview an update of incident REF: its recipients by channel, locale and verbosity, "
           "and the messages of the notifier. Sends and writes nothing.",
    .options = options,
    .verbs = verbs};
