/* amends undo [ID]: through the API. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "core/json.h"

static void print_held(const json_t *row)
{
    printf("%-6lld %3lld s left  %-10s %s: %s\n", json_get_int(row, "id"),
        json_get_int(row, "seconds_left"), json_get_word(row, "action"),
        json_get_word(row, "incident"), json_get_word(row, "title"));
}

static enum rc list(struct scope *s, const struct invocation *in)
{
    json_t *reply = NULL, *row;
    size_t i;
    TRY(client_get(s, &in->client, "/v1/held-posts?state=held", &reply));
    json_array_foreach(json_object_get(reply, "data"), i, row) command_show(s, in, row, print_held);
    if (!i && !in->json)
        puts("no post can be undone: its time to undo has ended");
    return RC_OK;
}

static void print_undone(const json_t *row)
{
    printf(
        "%s is undone: nothing of the post was public or sent\n", json_get_word(row, "incident"));
}

static enum rc undo(struct scope *s, struct invocation *in)
{
    char *end;
    json_t *row = NULL;
    if (!in->arg)
        return list(s, in);
    long long id = strtoll(in->arg, &end, 10);
    if (id < 1 || *end)
        return fail(s, RC_INVALID, "ID must be a number, not '%s'", in->arg);
    TRY(client_post(s, &in->client, scope_printf(s, "/v1/held-posts/%lld/undo", id), NULL, &row));
    return command_show(s, in, row, print_undone);
}

static const struct command_verb verbs[] = {{.name = "",
                                                .arg = "[ID]",
                                                .from = "/v1/held-posts?state=held id",
                                                .needs = NEED_API,
                                                .run = undo},
    {0}};

const struct command command_undo = {.name = "undo",
    .summary = "Undo a post that is not public yet",
    .doc = "Undo a post during its time to undo: nothing of it becomes public, is sent or counts. "
           "Without ID, list the posts that can be undone. Uses the API: set AMENDS_URL and "
           "AMENDS_KEY, or --data.",
    .verbs = verbs};
