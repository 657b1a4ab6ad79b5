/* amends claim list | show | decide: through the API. */
#include <stdio.h>

#include "cli/command.h"
#include "core/json.h"

static struct {
    const char *state, *decision, *message;
} given;

static const struct command_option options[] = {
    OPTION(&given.state, .name = "state", .arg = "STATE",
        .doc = "list: waiting (default), open, accepted, drafted, credited, declined or decided"),
    OPTION(&given.decision, .name = "decision", .arg = "accepted|declined", .required = "decide",
        .doc = "decide: accept it for a run, or decline it"),
    OPTION(&given.message, .name = "message", .arg = "TEXT", .required = "decide",
        .doc = "decide: the answer to the customer"),
    {0}};

static void print_row(const json_t *row)
{
    size_t i;
    json_t *ref;
    printf("%-6lld %-20s %-9s", json_get_int(row, "id"), json_get_word(row, "account"),
        json_get_word(row, "state"));
    if (*json_get_word(row, "deadline"))
        printf(" until %s", json_get_word(row, "deadline"));
    if (json_object_get(row, "due_days"))
        printf(" (%+lld d)", json_get_int(row, "due_days"));
    if (json_is_true(json_object_get(row, "late")))
        printf(" late");
    json_array_foreach(json_object_get(row, "incidents"), i, ref)
        printf(" %s", json_string_value(ref));
    printf("\n");
}

static void print(const json_t *row)
{
    size_t i;
    json_t *one;
    print_row(row);
    if (*json_get_word(row, "text"))
        printf("%s\n", json_get_word(row, "text"));
    json_array_foreach(json_object_get(row, "windows"), i, one) printf("  %s %s to %s  %s\n",
        json_get_word(one, "component"), json_get_word(one, "from"),
        *json_get_word(one, "to") ? json_get_word(one, "to") : "now", json_get_word(one, "level"));
    if (json_object_get(row, "evidence"))
        printf("  file: %s\n", json_get_word(json_object_get(row, "evidence"), "name"));
    if (*json_get_word(row, "answer"))
        printf("  answer: %s\n", json_get_word(row, "answer"));
}

static enum rc list(struct scope *s, struct invocation *in)
{
    const char *cursor = "";
    do {
        json_t *reply = NULL, *row;
        size_t i;
        TRY(client_get(s, &in->client,
            scope_printf(s, "/v1/claims?state=%s%s%s", given.state ? given.state : "waiting",
                *cursor ? "&cursor=" : "", cursor),
            &reply));
        json_array_foreach(json_object_get(reply, "data"), i, row)
            TRY(command_show(s, in, row, print_row));
        cursor = json_get_word(reply, "next_cursor");
    } while (*cursor);
    return RC_OK;
}

static const char *path_of(struct scope *s, const struct invocation *in, const char *tail)
{
    return scope_printf(s, "/v1/claims/%lld%s", (long long)in->id, tail);
}

static enum rc show(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL;
    TRY(client_get(s, &in->client, path_of(s, in, ""), &reply));
    return command_show(s, in, reply, print);
}

static enum rc decide(struct scope *s, struct invocation *in)
{
    json_t *reply = NULL,
           *body = json_pack("{s:s, s:s}", "decision", given.decision, "message", given.message);
    TRY(client_post(s, &in->client, path_of(s, in, "/decision"), body, &reply));
    return command_show(s, in, reply, print);
}

static const struct command_verb verbs[] = {{.name = "list", .needs = NEED_API, .run = list},
    {.name = "show", .arg = "CLAIM", .number = true, .needs = NEED_API, .run = show},
    {.name = "decide", .arg = "CLAIM", .number = true, .needs = NEED_API, .run = decide}, {0}};

const struct command command_claim = {.name = "claim",
    .summary = "List and decide claims",
    .doc = "What customers claim for incidents: list those that wait, show one with the outage "
           "windows of its account, and decide it. A declined claim is answered at once; an "
           "accepted one waits for a run. Uses the API: set AMENDS_URL and AMENDS_KEY, or --data.",
    .options = options,
    .verbs = verbs};
