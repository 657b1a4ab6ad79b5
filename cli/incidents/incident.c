/* amends incident start | schedule | post | resolve | list | show | liability: through the API. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/incidents/incident_post.h"
#include "api/incidents/incidents.h"
#include "cli/command.h"
#include "cli/incidents/posting.h"
#include "core/json.h"

static struct {
    const char *title, *body, *affected_body, *state, *audience, *from, *until, *hold, *next;
    struct texts labels; /* "KEY=VALUE" */
    struct texts accounts;
    const char *list;
    struct texts components;   /* "SLUG=LEVEL" */
    struct texts translations; /* "LANGUAGE.FIELD=TEXT" */
    bool silent, all;
} given;

static bool is_hold(const char *arg)
{
    char *end;
    long seconds = strtol(arg, &end, 10);
    return end > arg && !*end && seconds >= 0 && seconds <= POST_HOLD_MAX;
}

static bool is_count(const char *arg)
{
    char *end;
    return strtol(arg, &end, 10) > 0 && !*end;
}

static const struct command_option options[] = {
    OPTION(&given.title, .name = "title", .key = 't', .arg = "TEXT", .required = "start|schedule",
        .doc = "One line"),
    OPTION(&given.body, .name = "body", .key = 'b', .arg = "TEXT",
        .required = "start|schedule|post|resolve", .doc = "Text of the update, Markdown"),
    OPTION(&given.audience, .name = "audience", .arg = "AUDIENCE", .one_of = incident_audiences,
        .doc = "start, schedule: public (default), affected: only accounts in scope hear of it, or "
               "both: they read --affected-body"),
    OPTION(&given.affected_body, .name = "affected-body", .arg = "TEXT",
        .doc = "With audience both: what the affected read instead of the body"),
    OPTION(&given.labels, .name = "label", .arg = "KEY=VALUE", .max = 100,
        .is_valid = posting_is_label, .refusal = "is not KEY=VALUE, such as region=eu",
        .doc = "start, schedule: scope: accounts with this label; may be repeated, for a key with "
               "each value that counts"),
    OPTION(&given.accounts, .name = "account", .arg = "ACCOUNT", .max = 1000,
        .doc = "start, schedule: scope: this account as well; may be repeated"),
    OPTION(&given.list, .name = "list", .arg = "NAME", .from = "/v1/account-lists name",
        .doc = "start, schedule: scope: the accounts of this list as well"),
    OPTION(&given.state, .name = "state", .key = 's', .arg = "STATE", .required = "post",
        .one_of = incident_states,
        .doc = "investigating (default of start), identified, monitoring, resolved; of a "
               "maintenance in_progress, verifying, completed, cancelled"),
    OPTION(&given.components, .name = "component", .key = 'C', .arg = "SLUG=LEVEL", .max = 500,
        .from = "/v1/components slug", .is_valid = posting_is_component,
        .refusal = posting_no_component, .doc = "Impact level of a component; may be repeated"),
    OPTION(&given.translations, .name = "translation", .arg = "LANGUAGE.FIELD=TEXT", .max = 100,
        .is_valid = posting_is_translation, .refusal = posting_no_translation,
        .doc = "Text for readers of another language, such as de.title=... or de.body=...; may be "
               "repeated"),
    OPTION(&given.from, .name = "from", .key = 'F', .arg = "TIME", .required = "schedule",
        .doc = "schedule: start, RFC 3339"),
    OPTION(&given.until, .name = "until", .arg = "TIME", .required = "schedule",
        .doc = "schedule: end"),
    OPTION(&given.hold, .name = "hold", .arg = "SECONDS", .is_valid = is_hold,
        .refusal = "is not a number of seconds from 0 to 3600",
        .doc = "Time to undo, in which nothing is public or sent (30); 0: none"),
    OPTION(&given.next, .name = "next-update", .arg = "MINUTES", .is_valid = is_count,
        .refusal = "is not a number of minutes", .doc = "Promise the next update within MINUTES"),
    OPTION(&given.silent, .name = "no-notify", .doc = "Send nothing to subscribers"),
    OPTION(&given.all, .name = "all", .doc = "list: also resolved ones"), {0}};

/* The members that all posts have. */
static json_t *post(struct scope *s, const char *state)
{
    long hold = given.hold ? strtol(given.hold, NULL, 10) : POSTING_HOLD;
    json_t *body = json_pack("{s:s, s:s, s:i, s:b, s:o}", "state", state, "body", given.body,
        "hold_seconds", (int)hold, "notify", !given.silent, "components",
        posting_components(s, &given.components));
    if (given.affected_body)
        json_object_set_new(body, "affected_body", json_string(given.affected_body));
    posting_put_translations(s, &given.translations, body);
    if (given.next)
        json_object_set_new(
            body, "next_update_minutes", json_integer(strtol(given.next, NULL, 10)));
    return body;
}

static enum rc show_post(
    struct scope *s, const struct invocation *in, const char *ref, const json_t *reply)
{
    if (in->json)
        puts(json_text(s, reply));
    else
        posting_print(in, ref, reply);
    return RC_OK;
}

static enum rc open_incident(struct scope *s, struct invocation *in, json_t *body)
{
    json_t *reply = NULL;
    json_object_set_new(body, "title", json_string(given.title));
    if (given.audience)
        json_object_set_new(body, "audience", json_string(given.audience));
    posting_put_scope(s, &(struct posting_scope){given.labels, given.accounts, given.list}, body);
    if (in->arg)
        json_object_set_new(body, "ref", json_string(in->arg));
    TRY(client_post(s, &in->client, "/v1/incidents", body, &reply));
    return show_post(s, in, json_get_word(reply, "ref"), reply);
}

static enum rc start(struct scope *s, struct invocation *in)
{
    return open_incident(s, in, post(s, given.state ? given.state : "investigating"));
}

static enum rc schedule(struct scope *s, struct invocation *in)
{
    json_t *body = post(s, "scheduled");
    json_object_set_new(body, "kind", json_string("maintenance"));
    json_object_set_new(body, "scheduled_from", json_string(given.from));
    json_object_set_new(body, "scheduled_until", json_string(given.until));
    return open_incident(s, in, body);
}

static enum rc add_update(struct scope *s, struct invocation *in, const char *state)
{
    json_t *reply = NULL;
    TRY(client_post(s, &in->client, client_path(s, "/v1/incidents/%s/updates", in->arg),
        post(s, state), &reply));
    return show_post(s, in, in->arg, reply);
}

static enum rc update(struct scope *s, struct invocation *in)
{
    return add_update(s, in, given.state);
}

/* "resolved", or "completed" for a maintenance; the API then ends all impacts. */
static enum rc resolve(struct scope *s, struct invocation *in)
{
    json_t *incident = NULL;
    TRY(client_get(s, &in->client, client_path(s, "/v1/incidents/%s", in->arg), &incident));
    bool planned = !strcmp(json_get_word(incident, "kind"), "maintenance");
    return add_update(s, in, planned ? "completed" : "resolved");
}

static void print_row(const json_t *row)
{
    printf("%-24s %-13s %s  %s\n", json_get_word(row, "ref"), json_get_word(row, "state"),
        json_get_word(row, "started_at"), json_get_word(row, "title"));
}

static enum rc list(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL, *row;
    size_t i;
    const char *path = given.all ? "/v1/incidents" : "/v1/incidents?open=true";
    TRY(client_get(s, &in->client, path, &reply));
    json_array_foreach(json_object_get(reply, "data"), i, row) command_show(s, in, row, print_row);
    if (!i && !in->json)
        puts(given.all ? "no incidents" : "no open incidents");
    return RC_OK;
}

static enum rc show(struct scope *s, struct invocation *in)
{
    json_t *incident = NULL;
    TRY(client_get(s, &in->client, client_path(s, "/v1/incidents/%s", in->arg), &incident));
    return command_show(s, in, incident, posting_print_incident);
}

static const char open_refs[] = "/v1/incidents?open=true ref";
static const struct command_verb verbs[] = {
    {.name = "start", .arg = "[REF]", .needs = NEED_API, .run = start},
    {.name = "schedule", .arg = "[REF]", .needs = NEED_API, .run = schedule},
    {.name = "post", .arg = "REF", .from = open_refs, .needs = NEED_API, .run = update},
    {.name = "resolve", .arg = "REF", .from = open_refs, .needs = NEED_API, .run = resolve},
    {.name = "list", .needs = NEED_API, .run = list},
    {.name = "show", .arg = "REF", .from = "/v1/incidents ref", .needs = NEED_API, .run = show},
    {.name = "liability",
        .arg = "REF",
        .from = open_refs,
        .needs = NEED_API,
        .run = incident_liability},
    {0}};

const struct command command_incident = {.name = "incident",
    .summary = "Start, update, resolve and list incidents",
    .doc = "start opens an incident, REF being your own name for it; schedule announces a "
           "maintenance; post adds an update; resolve adds the last one and ends all impacts. Each "
           "post waits 30 seconds, or --hold, in which `amends undo` takes it back without a "
           "trace. list prints the open incidents, show one with its updates, liability what an "
           "open one costs by "
           "each policy: an estimate. Uses the API: set "
           "AMENDS_URL and AMENDS_KEY, or --data.",
    .options = options,
    .verbs = verbs};
