/* amends alert list | publish | merge | dismiss | resolve: through the API. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "core/json.h"

static struct {
    const char *incident, *audience;
} given;

static const struct command_option options[] = {
    OPTION(&given.incident, .name = "incident", .arg = "REF", .required = "merge",
        .from = "/v1/incidents?open=true ref", .doc = "merge: the open incident"),
    OPTION(&given.audience, .name = "audience", .arg = "public|affected|both",
        .doc = "publish: who hears of it; default: as the rule says"),
    {0}};

static void print(const json_t *row)
{
    printf("%-6lld %-10s %s  %s%s%s\n", json_get_int(row, "id"), json_get_word(row, "state"),
        json_get_word(row, "started_at"), json_get_word(row, "title"),
        *json_get_word(row, "incident") ? "  " : "", json_get_word(row, "incident"));
}

static enum rc list(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL, *row;
    size_t i;
    TRY(client_get(s, &in->client, "/v1/suggestions?limit=200", &reply));
    json_array_foreach(json_object_get(reply, "data"), i, row) command_show(s, in, row, print);
    return RC_OK;
}

static enum rc decide(struct scope *s, struct invocation *in, json_t *body)
{
    json_t *row = NULL;
    const char *path =
        scope_printf(s, "/v1/suggestions/%lld/%s", (long long)in->id, in->verb->name);
    TRY(client_post(s, &in->client, path, body, &row));
    return command_show(s, in, row, print);
}

static enum rc post(struct scope *s, struct invocation *in)
{
    return decide(s, in, json_object());
}

static enum rc publish(struct scope *s, struct invocation *in)
{
    return decide(s, in, json_pack("{s:s*}", "audience", given.audience));
}

static enum rc dismiss(struct scope *s, struct invocation *in)
{
    return decide(s, in, NULL);
}

static enum rc merge(struct scope *s, struct invocation *in)
{
    return decide(s, in, json_pack("{s:s}", "incident", given.incident));
}

#define PENDING "/v1/suggestions?state=pending id"

static const struct command_verb verbs[] = {{.name = "list", .needs = NEED_API, .run = list},
    {.name = "publish",
        .arg = "ID",
        .number = true,
        .from = PENDING,
        .needs = NEED_API,
        .run = publish},
    {.name = "merge",
        .arg = "ID",
        .number = true,
        .from = PENDING,
        .needs = NEED_API,
        .run = merge},
    {.name = "dismiss",
        .arg = "ID",
        .number = true,
        .from = PENDING,
        .needs = NEED_API,
        .run = dismiss},
    {.name = "resolve", .arg = "ID", .number = true, .needs = NEED_API, .run = post}, {0}};

const struct command command_alert = {.name = "alert",
    .summary = "Decide on incidents that alerts suggest",
    .doc = "List the incidents that alerts suggest; publish, merge or dismiss one, or resolve it "
           "once its alerts are over. Uses the API: set AMENDS_URL and AMENDS_KEY, or --data.",
    .options = options,
    .verbs = verbs};
